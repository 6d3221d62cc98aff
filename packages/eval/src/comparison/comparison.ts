import type { IgnorableField } from './protocol-differences.js'

/** Options of `compare`. */
export interface CompareReportsOptions {
  /** Names of the metrics to compare. @defaultValue all that both reports have */
  readonly metrics?: readonly string[]
  /** Share of intervals that hold the true difference, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
  /** Resamples of the bootstrap, an integer >= 1. @defaultValue 2000 */
  readonly resamples?: number
  /** Sign patterns of the permutation test, an integer >= 1. @defaultValue 10000 */
  readonly permutations?: number
  /** Of all draws. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * What may differ because you know that it does not matter: `'libraryVersion'`, `'tieRule'`.
   *
   * @defaultValue nothing
   */
  readonly ignore?: readonly IgnorableField[]
}

/** What a test found, two-sided. */
export interface TestResult {
  /** How often chance alone makes a difference as large, 0..1. */
  readonly pValue: number
  /** The same by Holm's method, as one of all metrics compared: at most the level for a find. */
  readonly adjusted: number
}

/** What chance says about the difference of a metric, from its values per user. */
export interface PairedTests {
  /** Users that both runs have a value of. */
  readonly pairs: number
  /** Bootstrap interval of the difference of the means over these users. */
  readonly interval: readonly [low: number, high: number]
  readonly standardError: number
  readonly permutation: TestResult
  /** Undefined when no user's values differ. */
  readonly wilcoxon: TestResult | undefined
  /** Undefined when all users' values differ by the same. */
  readonly tTest: TestResult | undefined
  /** Cohen's dz, mean / deviation of the differences; undefined when they are all the same. */
  readonly effectSize: number | undefined
}

/** One metric of two runs. */
export interface MetricComparison {
  readonly a: number
  readonly b: number
  /** a - b. */
  readonly difference: number
  /** (a - b) / |b|; absent when b is 0. */
  readonly relativeDifference?: number
  /** Absent for a metric over all lists, which has no values per user. */
  readonly tests?: PairedTests
}

/** What `compare` finds. */
export interface Comparison {
  /** By name of the metric (`'recall@20'`). */
  readonly metrics: Readonly<Record<string, MetricComparison>>
  /** Users ranked in both runs. */
  readonly users: number
  /** Of the intervals. */
  readonly confidence: number
}
