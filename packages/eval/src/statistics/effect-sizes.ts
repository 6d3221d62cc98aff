import { mean, pairedDifferences, standardDeviation } from './paired-samples.js'

/** Standardized differences a - b: around 0.2 is called small, 0.5 medium, 0.8 large. */
export interface EffectSizes {
  /** Cohen's dz, mean(d) / sd(d) with d = a - b: the difference measured by its own spread. */
  readonly dz: number
  /** Hedges' gz, dz without its bias in small samples: dz · (1 - 3 / (4 (n - 1) - 1)) for n pairs. */
  readonly hedgesGz: number
  /** Cohen's d by the pooled deviation, (mean a - mean b) / √((var a + var b) / 2). */
  readonly pooled: number
  /** Cohen's d by the average deviation, mean(d) / ((sd a + sd b) / 2). */
  readonly average: number
}

/**
 * Computes Cohen's d of paired samples in its usual forms. Deviations have n - 1 as divisor.
 *
 * Lakens, Frontiers in Psychology 2013, https://doi.org/10.3389/fpsyg.2013.00863
 *
 * @param a - one value per pair, such as a metric per user or per seed
 * @param b - the values of the other run, in the same order
 * @returns undefined when all differences are equal, as there is then no deviation to measure by
 * @throws ShapeMismatchError when the samples differ in length
 * @throws InvalidOptionsError when they are empty
 * @throws NonFiniteError when a value is not finite
 * @example
 * ```ts
 * import { statistics } from '@gnnrec/eval'
 *
 * // One value of a metric per seed.
 * const a = [0.42, 0.51, 0.39, 0.6, 0.47, 0.55]
 * const b = [0.4, 0.46, 0.4, 0.52, 0.45, 0.5]
 * console.log(statistics.effectSizes(a, b)?.dz.toFixed(2)) // 1.11
 * ```
 */
export function effectSizes(a: ArrayLike<number>, b: ArrayLike<number>): EffectSizes | undefined {
  const { values, mean: difference, deviation } = pairedDifferences(a, b)
  if (deviation === 0) return undefined
  const [deviationA, deviationB] = [standardDeviation(a), standardDeviation(b)]
  const dz = difference / deviation
  return {
    dz,
    hedgesGz: dz * (1 - 3 / (4 * (values.length - 1) - 1)),
    pooled: (mean(a) - mean(b)) / Math.sqrt((deviationA ** 2 + deviationB ** 2) / 2),
    average: difference / ((deviationA + deviationB) / 2),
  }
}
