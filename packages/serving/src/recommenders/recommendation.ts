import type { Id } from '@gnnrec/graph'
import type { RuleReport } from './rules.js'

/**
 * The way in which a list was made: `'trained'` by the model for somebody or something that it was trained on,
 * `'folded-in'` by the model for a history that it was not trained on, `'popularity'` by the numbers of training users
 * of the items, as the model knows nothing of whom or what was asked for.
 */
export type AnswerSource = 'trained' | 'folded-in' | 'popularity'

/** A list of items, best first, with their scores. `JSON.stringify` keeps all of it. */
export interface RankedItems<ItemId extends Id = Id> {
  readonly items: readonly ItemId[]
  /** One score per item, descending: numbers that float32 holds exactly. */
  readonly scores: readonly number[]
  /** The way in which the list was made. The scores of `'popularity'` are numbers of training users. */
  readonly source: AnswerSource
}

/** A list of users, most similar first, with their similarities. `JSON.stringify` keeps all of it. */
export interface RankedUsers<UserId extends Id = Id> {
  readonly users: readonly UserId[]
  /** One similarity per user, descending: numbers that float32 holds exactly. */
  readonly scores: readonly number[]
  /** The way in which the list was made; `'none'` when the user is without training interactions and the list is empty. */
  readonly source: 'trained' | 'none'
}

/** The items that are recommended for a history, best first. */
export interface HistoryRecommendation<ItemId extends Id = Id> extends RankedItems<ItemId> {
  /**
   * The items of the list without training interactions, of which the model knows nothing. Absent when
   * there are none.
   */
  readonly coldItems?: readonly ItemId[]
  /**
   * The way in which the items were found: `'index'` by an index, which may miss some of the best, `'exact'` by looking
   * at all of them. Absent when the recommender has no index, there was nothing to choose from, or the list is by popularity.
   */
  readonly search?: 'index' | 'exact'
  /**
   * Number of items of the history that did not count, as the model never saw them or nobody met them in training.
   * Absent when there are none.
   */
  readonly ignoredItems?: number
  /**
   * The effect of the rules. Absent when none were given. With rules, the scores of the list are those of the model and
   * need not descend.
   */
  readonly rules?: RuleReport
}

/** The items that are recommended to one user, best first. */
export interface Recommendation<UserId extends Id = Id, ItemId extends Id = Id>
  extends HistoryRecommendation<ItemId> {
  readonly user: UserId
}
