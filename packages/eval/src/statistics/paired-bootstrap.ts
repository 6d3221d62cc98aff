import { parseOptions, Rng } from '@gnnrec/graph'
import * as z from 'zod'
import { normalQuantile } from './distributions.js'
import { pairedDifferences, squaredDeviations } from './paired-samples.js'

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
  const { confidence, resamples, seed } = parseOptions('pairedBootstrap', schema, options)
  const { values, mean } = pairedDifferences(a, b)
  const n = values.length
  const exact = n <= mostPairsForExact
  const means = exact ? allMeans(values) : drawnMeans(values, resamples, seed)
  means.sort()
  const tail = (1 - confidence) / 2
  const standardError = Math.sqrt(squaredDeviations(values)) / n
  const half = -normalQuantile(tail) * standardError
  return {
    meanDifference: mean,
    standardError,
    interval: [sortedQuantile(means, tail), sortedQuantile(means, 1 - tail)],
    normalInterval: [mean - half, mean + half],
    exact,
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

function drawnMeans(values: Float64Array, resamples: number, seed: number | string): Float64Array {
  const rng = Rng.fromSeed(seed).fork('bootstrap')
  const n = values.length
  const means = new Float64Array(resamples)
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0
    for (let draw = 0; draw < n; draw++) sum += values[rng.integer(n)]
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
