import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type Alternative, symmetricPValue } from './alternative.js'
import { studentTCdf, studentTQuantile } from './distributions.js'
import { pairedDifferences } from './paired-samples.js'

/** Options of {@link pairedTTest}. */
export interface PairedTTestOptions {
  /** Alternative that the test looks for. @defaultValue 'two-sided' */
  readonly alternative?: Alternative
  /** Confidence level of the interval, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
}

/** The result of {@link pairedTTest}. */
export interface PairedTTest {
  /** The t statistic. */
  readonly t: number
  /** Number of pairs - 1. */
  readonly degreesOfFreedom: number
  /** Probability of a statistic at least as extreme if there is no difference, 0..1. */
  readonly pValue: number
  /** Two-sided interval of the mean difference a - b. */
  readonly interval: readonly [low: number, high: number]
}

const schema = z.strictObject({
  alternative: z.enum(['two-sided', 'greater', 'less']).default('two-sided'),
  confidence: z.number().gt(0).lt(1).default(0.95),
})

/**
 * Computes Student's t-test of paired samples: t = mean(d) / (sd(d) / √n) with d = a - b, sd with n - 1
 * as divisor, and n - 1 degrees of freedom.
 *
 * The test assumes that the mean of d is normally distributed. That holds for many users; for a few
 * seeds it holds only if d itself is normally distributed.
 *
 * Student, Biometrika 1908, https://doi.org/10.1093/biomet/6.1.1
 *
 * @param a - one value per pair, such as a metric per user or per seed
 * @param b - the values of the other run, in the same order
 * @returns undefined when all differences are equal (identical runs, or one pair), as t then has no
 * value
 * @throws ShapeMismatchError when the samples differ in length
 * @throws InvalidOptionsError when they are empty or an option is wrong
 * @throws NonFiniteError when a value is not finite
 * @example
 * ```ts
 * import { statistics } from '@gnnrec/eval'
 *
 * // One value of a metric per seed.
 * const a = [0.42, 0.51, 0.39, 0.6, 0.47, 0.55]
 * const b = [0.4, 0.46, 0.4, 0.52, 0.45, 0.5]
 * const test = statistics.pairedTTest(a, b)
 * console.log(test?.t.toFixed(2), test?.pValue.toFixed(3)) // 2.72 0.042
 * ```
 */
export function pairedTTest(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PairedTTestOptions = {},
): PairedTTest | undefined {
  const { alternative, confidence } = parseOptions('pairedTTest', schema, options)
  const { values, mean, deviation } = pairedDifferences(a, b)
  if (deviation === 0) return undefined
  const degreesOfFreedom = values.length - 1
  const standardError = deviation / Math.sqrt(values.length)
  const t = mean / standardError
  const half = -standardError * studentTQuantile((1 - confidence) / 2, degreesOfFreedom)
  return {
    t,
    degreesOfFreedom,
    pValue: symmetricPValue(t, alternative, (x) => studentTCdf(x, degreesOfFreedom)),
    interval: [mean - half, mean + half],
  }
}
