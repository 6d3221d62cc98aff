import type { Id } from '@gnnrec/graph'

/** A list of items, best first, with their scores. `JSON.stringify` keeps all of it. */
export interface RankedItems<ItemId extends Id = Id> {
  readonly items: readonly ItemId[]
  /** One score per item, descending: numbers that float32 holds exactly. */
  readonly scores: readonly number[]
  /**
   * `'popularity'` when the list is for a user, or of items similar to an item, without training
   * interactions. The scores are then numbers of training users. Absent when the model made the list.
   */
  readonly fallback?: 'popularity'
}

/** A list of users, most similar first, with their similarities. `JSON.stringify` keeps all of it. */
export interface RankedUsers<UserId extends Id = Id> {
  readonly users: readonly UserId[]
  /** One similarity per user, descending: numbers that float32 holds exactly. */
  readonly scores: readonly number[]
  /**
   * `'none'` when the list is of users similar to one without training interactions, and therefore
   * empty. Absent when the model made the list.
   */
  readonly fallback?: 'none'
}

/** The items that are recommended to one user, best first. */
export interface Recommendation<UserId extends Id = Id, ItemId extends Id = Id>
  extends RankedItems<ItemId> {
  readonly user: UserId
  /**
   * The items of the list without training interactions, of which the model knows nothing. Absent when
   * there are none.
   */
  readonly coldItems?: readonly ItemId[]
}
