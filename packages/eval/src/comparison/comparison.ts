import type { IgnorableField } from './protocol-differences.js'

/** Options of `compareReports`. */
export interface CompareReportsOptions {
  /** Names of the metrics to compare. @defaultValue all metrics that both reports have */
  readonly metrics?: readonly string[]
  /** Confidence level of the intervals, in (0, 1). @defaultValue 0.95 */
  readonly confidence?: number
  /** Number of resamples of the bootstrap, an integer in 1..10000000. @defaultValue 2000 */
  readonly resamples?: number
  /** Number of sign patterns of the permutation test, an integer in 1..10000000. @defaultValue 10000 */
  readonly permutations?: number
  /** Seed of all random draws. @defaultValue 0 */
  readonly seed?: number | string
  /**
   * Protocol fields that may differ because you know that they do not matter: `'libraryVersion'`,
   * `'tieRule'`.
   *
   * @defaultValue none
   */
  readonly ignore?: readonly IgnorableField[]
}

/** The result of a two-sided test. */
export interface TestResult {
  /** Probability that chance alone makes a difference at least as large, 0..1. */
  readonly pValue: number
  /** The p-value adjusted by Holm's method for the number of metrics compared. */
  readonly adjusted: number
}

/** Paired tests of the difference of a metric between two runs, from its values per user. */
export interface PairedTests {
  /** Number of users for whom both runs have a value. */
  readonly pairs: number
  /** Bootstrap interval of the difference of the means over users. */
  readonly interval: readonly [low: number, high: number]
  /** Standard error of the difference of the means over users. */
  readonly standardError: number
  /** Paired permutation (sign-flip) test. */
  readonly permutation: TestResult
  /** Wilcoxon's signed-rank test; undefined when no user's values differ. */
  readonly wilcoxon: TestResult | undefined
  /** Paired t-test; undefined when the values of all users differ by the same amount. */
  readonly tTest: TestResult | undefined
  /** Cohen's dz, the mean / deviation of the differences; undefined when they are all the same. */
  readonly effectSize: number | undefined
}

/** One metric of two runs. */
export interface MetricComparison {
  /** Value of the first run. */
  readonly a: number
  /** Value of the second run. */
  readonly b: number
  /** The difference a - b. */
  readonly difference: number
  /** The relative difference (a - b) / |b|; absent when b is 0. */
  readonly relativeDifference?: number
  /** Paired tests over users; absent for a metric over all lists, which has no values per user. */
  readonly tests?: PairedTests
}

/** The result of `compareReports`. */
export interface Comparison {
  /** The compared metrics by name (`'recall@20'`). */
  readonly metrics: Readonly<Record<string, MetricComparison>>
  /** Metrics that cannot be compared because they are undefined in a run, by name, with the reason. */
  readonly undefinedMetrics: Readonly<Record<string, string>>
  /** Number of users ranked in both runs. */
  readonly users: number
  /** Confidence level of the intervals. */
  readonly confidence: number
}
