import type { Split } from '@gnnrec/graph'
import type { ItemStatistics } from './item-statistics.js'

/** The facts that a metric may use before the first list arrives. */
export interface MetricContext {
  /**
   * The cut-off: lists hold at most this many items. The number of all items for a metric without one.
   */
  readonly k: number
  /** The split that is being judged, for instance to count training interactions per item. */
  readonly split: Split
  /** The part whose items are relevant. */
  readonly on: 'validation' | 'test'
  /**
   * Statistics of the items in training, shared by all metrics; each is computed when it is first used.
   */
  readonly items: ItemStatistics
}

/** The user of a list and the candidates it was chosen from. */
export interface UserRanking {
  /** Index of the user. */
  readonly user: number
  /** Items that were no candidates because the user had them before, ascending. */
  readonly masked: Int32Array
  /** The only candidates, ascending; undefined if all items except the masked ones were candidates. */
  readonly candidates: Int32Array | undefined
  /**
   * The score of every item, candidate or not. Present only for metrics with `needsScores`, and valid
   * only during the call.
   */
  readonly scores: Float32Array | undefined
}

/**
 * A function that computes a metric of one list.
 *
 * @param list - item indices, best first, each once; at most k, fewer if there are fewer candidates
 * @param relevant - the user's relevant items, ascending, each once, at least one
 * @param ranking - the user and the candidates, which most metrics do not need
 * @returns a finite number, or undefined to leave the user out of this metric
 */
export type UserScorer = (
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  ranking: UserRanking,
) => number | undefined

/** The common properties of a {@link UserMetric} and a {@link ListMetric}. */
interface MetricTraits {
  /** The part of `name@k` before the at sign. */
  readonly name: string
  /** The divisor in words, which the report's protocol repeats. */
  readonly denominator: string
  /**
   * The case in which the metric is undefined, in words such as `'no list has a hit'`. The report
   * repeats it as the reason when the metric has no value.
   */
  readonly undefinedWhen?: string
  /** False for a metric over whole rankings, which goes by its name alone. @defaultValue true */
  readonly hasCutoff?: boolean
  /** True for a metric that needs the scores of all candidates. @defaultValue false */
  readonly needsScores?: boolean
  /** False for a metric that looks at lists alone, not at what is relevant. @defaultValue true */
  readonly looksAtRelevant?: boolean
  /** Returns the length of the lists that the metric needs for a cut-off. @defaultValue k itself */
  readonly places?: (k: number) => number
}

/** A metric with one value per user; the report holds the values and their mean over users. */
export interface UserMetric extends MetricTraits {
  readonly kind: 'user'
  /** Makes the function that computes the metric of each user; called once per evaluation. */
  create(context: MetricContext): UserScorer
}

/** An accumulator of the lists of all ranked users, which arrive by ascending user index. */
export interface ListAccumulator {
  /** Adds one list; the parameters are those of {@link UserScorer}. */
  add(list: ArrayLike<number>, relevant: ArrayLike<number>, ranking: UserRanking): void
  /** Returns the value over all lists so far: a finite number, or undefined if they determine none. */
  value(): number | undefined
}

/** A metric over all lists together, such as coverage, which has no value for a single user. */
export interface ListMetric extends MetricTraits {
  readonly kind: 'lists'
  /** Makes an accumulator; called once per evaluation. */
  create(context: MetricContext): ListAccumulator
}

/** A metric that `evaluate` can compute; built-in ones go by strings such as `'recall@20'`. */
export type Metric = UserMetric | ListMetric

/** A metric with its cut-off; its name in the report is `` `${metric.name}@${k}` ``. */
export interface MetricAtK {
  /** The metric. */
  readonly metric: Metric
  /** The cut-off, an integer in 1..(number of items); absent for a metric without one. */
  readonly k?: number | undefined
}
