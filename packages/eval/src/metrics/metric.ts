import type { Split } from '@gnnrec/graph'

/** What a metric may know before the first list arrives. */
export interface MetricContext {
  /** The cut-off: lists hold at most this many items. */
  readonly k: number
  /** The split that is being judged, for instance to count training interactions per item. */
  readonly split: Split
}

/**
 * Judges one list.
 *
 * @param list - item indices, best first, distinct; at most k, fewer where candidates ran out
 * @param relevant - the user's relevant items, ascending and distinct, at least one
 * @returns a finite number
 */
export type UserScorer = (list: ArrayLike<number>, relevant: ArrayLike<number>) => number

/** A metric with one value per user; the report holds the values and their mean over users. */
export interface UserMetric {
  readonly kind: 'user'
  /** The part of `name@k` before the at sign. */
  readonly name: string
  /** What a user's value is divided by, in words; the report's protocol repeats it. */
  readonly denominator: string
  /** Called once per evaluation. */
  create(context: MetricContext): UserScorer
}

/** Collects the lists of all users. Lists arrive by ascending user index, one per ranked user. */
export interface ListAccumulator {
  /** Takes one list; the parameters are those of {@link UserScorer}. */
  add(list: ArrayLike<number>, relevant: ArrayLike<number>): void
  /** The value over all lists so far; a finite number. */
  value(): number
}

/** A metric over all lists together, such as coverage: it has no value of a single user. */
export interface ListMetric {
  readonly kind: 'lists'
  /** The part of `name@k` before the at sign. */
  readonly name: string
  /** What the value is divided by, in words; the report's protocol repeats it. */
  readonly denominator: string
  /** Called once per evaluation. */
  create(context: MetricContext): ListAccumulator
}

/** A metric that `evaluate` can compute; built-in ones go by strings such as `'recall@20'`. */
export type Metric = UserMetric | ListMetric

/** A metric and its cut-off; the report calls it `` `${metric.name}@${k}` ``. */
export interface MetricAtK {
  readonly metric: Metric
  /** An integer in 1..(number of items). */
  readonly k: number
}
