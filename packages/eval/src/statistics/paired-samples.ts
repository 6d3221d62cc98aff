import { InvalidOptionsError, NonFiniteError, ShapeMismatchError } from '@gnnrec/graph'

/** Deviations up to this many units in the last place of the samples count as rounding. */
const roundingUnits = 4

/** The differences a[i] - b[i] of paired samples. */
export interface PairedDifferences {
  readonly values: Float64Array
  readonly mean: number
  /**
   * Standard deviation with n - 1 as divisor; 0 for a single pair and for differences that vary by
   * rounding alone.
   */
  readonly deviation: number
}

/**
 * Computes the differences of paired samples.
 *
 * @throws ShapeMismatchError when the samples differ in length
 * @throws InvalidOptionsError when they are empty
 * @throws NonFiniteError when a value is not finite
 */
export function pairedDifferences(a: ArrayLike<number>, b: ArrayLike<number>): PairedDifferences {
  if (a.length !== b.length) {
    throw new ShapeMismatchError(
      `Got ${a.length} and ${b.length} values; expected pairs, that is, as many values of one as of the other.`,
    )
  }
  if (a.length === 0) throw new InvalidOptionsError('Got no values; expected at least one pair.')
  const values = new Float64Array(a.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    values[i] = a[i] - b[i]
    if (!Number.isFinite(values[i])) {
      throw new NonFiniteError(`Pair ${i} is ${a[i]} and ${b[i]}; expected finite numbers.`)
    }
    largest = Math.max(largest, Math.abs(a[i]), Math.abs(b[i]))
  }
  const deviation = standardDeviation(values)
  const rounding = roundingUnits * Number.EPSILON * largest
  return { values, mean: mean(values), deviation: deviation > rounding ? deviation : 0 }
}

/** Returns the mean; the sum runs by ascending index. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}

/** Returns Σ (x - mean)². */
export function squaredDeviations(values: ArrayLike<number>): number {
  const centre = mean(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2
  return sum
}

/** Returns √(Σ (x - mean)² / (n - 1)), or 0 for a single value. */
export function standardDeviation(values: ArrayLike<number>): number {
  return values.length < 2 ? 0 : Math.sqrt(squaredDeviations(values) / (values.length - 1))
}
