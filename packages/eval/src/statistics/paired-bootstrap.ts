import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { normalQuantile } from './distributions.js'
import { type PairedDifferences, pairedDifferences, squaredDeviations } from './paired-samples.js'
import { resampledMeans } from './resampled-means.js'

/** Options of {@link pairedBootstrap}. */
export interface PairedBootstrapOptions {
  /** Share of intervals that hold the true difference, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
  /** Resamples drawn where there are too many to list, an integer >= 1. @defaultValue 2000 */
  readonly resamples?: number
  /** Of the draws. @defaultValue 0 */
  readonly seed?: number | string
}

/** What {@link pairedBootstrap} finds about the mean of a - b. */
export interface PairedBootstrap {
  readonly meanDifference: number
  /** √(Σ (d - mean)²) / n: what the means of infinitely many resamples scatter by. */
  readonly standardError: number
  /** Quantiles of the resampled means, interpolated linearly. */
  readonly interval: readonly [low: number, high: number]
  /** meanDifference ± z · standardError; needs no draws. */
  readonly normalInterval: readonly [low: number, high: number]
  /** Whether all nⁿ resamples were listed instead of drawn. */
  readonly exact: boolean
  /** Resamples looked at. */
  readonly resamples: number
}

const schema = z.strictObject({
  confidence: z.number().gt(0).lt(1).default(0.95),
  resamples: z.int().min(1).default(2000),
  seed: z.union([z.number(), z.string()]).default(0),
})

const mostPairsForExact = 6

/**
 * The bootstrap interval of the mean difference of paired samples: pairs are drawn with replacement,
 * as often as there are pairs. Up to 6 pairs, all resamples are listed.
 *
 * Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
 *
 * @param a - one value per pair, such as a metric per user
 * @param b - the other run's values, in the same order
 * @throws ShapeMismatchError, InvalidOptionsError or NonFiniteError for samples that are not paired,
 * empty or not finite
 */
export function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: PairedBootstrapOptions = {},
): PairedBootstrap {
  const settings = parseOptions('pairedBootstrap', schema, options)
  return bootstrapDifferences([pairedDifferences(a, b)], settings)[0]
}

/** {@link pairedBootstrap} of several samples; those of one length share their draws. */
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
