import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type Alternative, symmetricPValue } from './alternative.js'
import { studentTCdf, studentTQuantile } from './distributions.js'
import { pairedDifferences } from './paired-samples.js'

/** Options of {@link pairedTTest}. */
export interface PairedTTestOptions {
  /** @defaultValue 'two-sided' */
  readonly alternative?: Alternative
  /** Share of intervals that hold the true difference, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
}

/** What {@link pairedTTest} finds. */
export interface PairedTTest {
  readonly t: number
  /** Pairs - 1. */
  readonly degreesOfFreedom: number
  readonly pValue: number
  /** Two-sided interval of the mean difference a - b. */
  readonly interval: readonly [low: number, high: number]
}

const schema = z.strictObject({
  alternative: z.enum(['two-sided', 'greater', 'less']).default('two-sided'),
  confidence: z.number().gt(0).lt(1).default(0.95),
})

/**
 * Student's t-test of paired samples: t = mean(d) / (sd(d) / √n) with d = a - b, sd with n - 1 as
 * divisor, and n - 1 degrees of freedom. It takes the mean of d to be normal, which holds for many
 * users and for few seeds only if they scatter normally.
 *
 * Student, Biometrika 1908, https://doi.org/10.1093/biomet/6.1.1
 *
 * @param a - one value per pair, such as a metric per user or per seed
 * @param b - the other run's values, in the same order
 * @returns undefined when all differences are equal (identical runs, or one pair), since t then has
 * no value
 * @throws ShapeMismatchError, InvalidOptionsError or NonFiniteError for samples that are not paired,
 * empty or not finite
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
