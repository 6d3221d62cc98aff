import type { Id } from '@gnnrec/graph'

/** A list of items, best first, with their scores. */
export interface RankedItems<ItemId extends Id = Id> {
  readonly items: readonly ItemId[]
  /** One score per item, descending. */
  readonly scores: Float32Array
}

/** A list of users, most similar first, with their similarities. */
export interface RankedUsers<UserId extends Id = Id> {
  readonly users: readonly UserId[]
  /** One similarity per user, descending. */
  readonly scores: Float32Array
}

/** The items that are recommended to one user, best first. */
export interface Recommendation<UserId extends Id = Id, ItemId extends Id = Id>
  extends RankedItems<ItemId> {
  readonly user: UserId
}
