import type { Split } from '@gnnrec/graph'
import type { ItemStatistics } from './item-statistics.js'

/** What a metric may know before the first list arrives. */
export interface MetricContext {
  /** The cut-off: lists hold at most this many items. All items for a metric without one. */
  readonly k: number
  /** The split that is being judged, for instance to count training interactions per item. */
  readonly split: Split
  /** The part whose items are relevant. */
  readonly on: 'validation' | 'test'
  /** What training says about items; computed when first asked for, and shared by all metrics. */
  readonly items: ItemStatistics
}

/** Whose list it is and what it was chosen from. */
export interface UserRanking {
  /** Index of the user. */
  readonly user: number
  /** Items that were no candidates, ascending: those the user had before. */
  readonly masked: Int32Array
  /** The only candidates, ascending, or undefined where all items but the masked ones were. */
  readonly candidates: Int32Array | undefined
  /**
   * The score of every item, whether candidate or not; only for metrics with `needsScores`. Valid
   * during the call.
   */
  readonly scores: Float32Array | undefined
}

/**
 * Judges one list.
 *
 * @param list - item indices, best first, distinct; at most k, fewer where candidates ran out
 * @param relevant - the user's relevant items, ascending and distinct, at least one
 * @param ranking - whose list it is; most metrics need no more than the two
 * @returns a finite number, or undefined to leave the user out of this metric
 */
export type UserScorer = (
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  ranking: UserRanking,
) => number | undefined

/** What a {@link UserMetric} and a {@link ListMetric} have in common. */
export interface MetricTraits {
  /** The part of `name@k` before the at sign. */
  readonly name: string
  /** What a value is divided by, in words; the report's protocol repeats it. */
  readonly denominator: string
  /** False for a metric over whole rankings, which goes by its name alone. @defaultValue true */
  readonly hasCutoff?: boolean
  /** Whether it needs the scores of all candidates. @defaultValue false */
  readonly needsScores?: boolean
  /** Whether it asks what is relevant; one that looks at lists alone says false. @defaultValue true */
  readonly looksAtRelevant?: boolean
  /** Places that lists need to have for a cut-off. @defaultValue k */
  readonly places?: (k: number) => number
}

/** A metric with one value per user; the report holds the values and their mean over users. */
export interface UserMetric extends MetricTraits {
  readonly kind: 'user'
  /** Called once per evaluation. */
  create(context: MetricContext): UserScorer
}

/** Collects the lists of all users. Lists arrive by ascending user index, one per ranked user. */
export interface ListAccumulator {
  /** Takes one list; the parameters are those of {@link UserScorer}. */
  add(list: ArrayLike<number>, relevant: ArrayLike<number>, ranking: UserRanking): void
  /** The value over all lists so far; a finite number, or undefined when they give none. */
  value(): number | undefined
}

/** A metric over all lists together, such as coverage: it has no value of a single user. */
export interface ListMetric extends MetricTraits {
  readonly kind: 'lists'
  /** Called once per evaluation. */
  create(context: MetricContext): ListAccumulator
}

/** A metric that `evaluate` can compute; built-in ones go by strings such as `'recall@20'`. */
export type Metric = UserMetric | ListMetric

/** A metric and its cut-off; the report calls it `` `${metric.name}@${k}` ``. */
export interface MetricAtK {
  readonly metric: Metric
  /** An integer in 1..(number of items); absent for a metric without a cut-off. */
  readonly k?: number | undefined
}
