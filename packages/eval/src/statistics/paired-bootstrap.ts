import { parseOptions, sizeLimits } from '@gnnrec/graph'
import * as z from 'zod'
import { normalQuantile } from './distributions.js'
import { type PairedDifferences, pairedDifferences, squaredDeviations } from './paired-samples.js'
import { resampledMeans } from './resampled-means.js'

/** Options of {@link pairedBootstrap}. */
export interface PairedBootstrapOptions {
  /** Confidence level of the intervals, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
  /**
   * Number of random resamples where there are too many to list all, an integer in 1..10000000.
   *
   * @defaultValue 2000
   */
  readonly resamples?: number
  /** Seed of the draws. @defaultValue 0 */
  readonly seed?: number | string
}

/** The result of {@link pairedBootstrap}. */
export interface PairedBootstrap {
  /** Mean of a - b. */
  readonly meanDifference: number
  /** Standard error √(Σ (d - mean)²) / n: the deviation of the means of infinitely many resamples. */
  readonly standardError: number
  /** Interval between quantiles of the resampled means, which are interpolated linearly. */
  readonly interval: readonly [low: number, high: number]
  /** Interval meanDifference ± z · standardError, which needs no draws. */
  readonly normalInterval: readonly [low: number, high: number]
  /** True if all nⁿ resamples were listed instead of drawn. */
  readonly exact: boolean
  /** Number of resamples. */
  readonly resamples: number
}

const schema = z.strictObject({
  confidence: z.number().gt(0).lt(1).default(0.95),
  resamples: z.int().min(1).max(sizeLimits.resamples).default(2000),
  seed: z.union([z.number(), z.string()]).default(0),
})

const mostPairsForExact = 6

/**
 * Computes bootstrap intervals of the mean difference of paired samples. Each resample draws as many
 * pairs with replacement as there are pairs. Of up to 6 pairs, all resamples are listed.
 *
 * Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
 *
 * @param a - one value per pair, such as a metric per user
 * @param b - the values of the other run, in the same order
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
 * const { meanDifference, interval } = statistics.pairedBootstrap(a, b)
 * console.log(meanDifference.toFixed(3)) // 0.035
 * console.log(interval.map((bound) => bound.toFixed(3))) // [ '0.010', '0.060' ]
 * ```
 */
export function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PairedBootstrapOptions = {},
): PairedBootstrap {
  const settings = parseOptions('pairedBootstrap', schema, options)
  return bootstrapDifferences([pairedDifferences(a, b)], settings)[0]
}

/** Computes {@link pairedBootstrap} of several samples; those of one length share their draws. */
export function bootstrapDifferences(
  columns: readonly PairedDifferences[],
  { confidence, resamples, seed }: Required<PairedBootstrapOptions>,
): PairedBootstrap[] {
  const means = new Map<PairedDifferences, Float64Array>()
  const drawn = new Map<number, PairedDifferences[]>()
  for (const column of columns) {
    const n = column.values.length
    if (n <= mostPairsForExact) means.set(column, allMeans(column.values))
    else drawn.set(n, [...(drawn.get(n) ?? []), column])
  }
  for (const group of drawn.values()) {
    const values = group.map((column) => column.values)
    resampledMeans(values, resamples, seed).forEach((found, i) => {
      means.set(group[i], found)
    })
  }
  return columns.map((column) => summarize(column, means.get(column)!, confidence))
}

function summarize(
  { values, mean }: PairedDifferences,
  means: Float64Array,
  confidence: number,
): PairedBootstrap {
  means.sort()
  const tail = (1 - confidence) / 2
  const standardError = Math.sqrt(squaredDeviations(values)) / values.length
  const half = -normalQuantile(tail) * standardError
  return {
    meanDifference: mean,
    standardError,
    interval: [sortedQuantile(means, tail), sortedQuantile(means, 1 - tail)],
    normalInterval: [mean - half, mean + half],
    exact: values.length <= mostPairsForExact,
    resamples: means.length,
  }
}

function allMeans(values: Float64Array): Float64Array {
  const n = values.length
  const means = new Float64Array(n ** n)
  for (let resample = 0; resample < means.length; resample++) {
    let sum = 0
    for (let place = 0, digits = resample; place < n; place++) {
      sum += values[digits % n]
      digits = Math.floor(digits / n)
    }
    means[resample] = sum / n
  }
  return means
}

function sortedQuantile(sorted: Float64Array, p: number): number {
  const place = p * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}
