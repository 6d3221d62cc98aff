import { mean, pairedDifferences, standardDeviation } from './paired-samples.js'

/** Standardised differences a - b: around 0.2 is called small, 0.5 medium, 0.8 large. */
export interface EffectSizes {
  /** mean(d) / sd(d) with d = a - b: how far the difference stands out from its own scatter. */
  readonly dz: number
  /** `dz` without its bias in small samples: dz · (1 - 3 / (4 (n - 1) - 1)) for n pairs. */
  readonly hedgesGz: number
  /** (mean a - mean b) / √((var a + var b) / 2). */
  readonly pooled: number
  /** mean(d) / ((sd a + sd b) / 2). */
  readonly average: number
}

/**
 * Cohen's d of paired samples in its usual forms; deviations have n - 1 as divisor.
 *
 * Lakens, Frontiers in Psychology 2013, https://doi.org/10.3389/fpsyg.2013.00863
 *
 * @returns undefined when all differences are equal, or one sample has no scatter at all that a
 * difference could be measured by
 * @throws ShapeMismatchError, InvalidOptionsError or NonFiniteError for samples that are not paired,
 * empty or not finite
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
