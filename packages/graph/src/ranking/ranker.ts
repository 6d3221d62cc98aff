import type { InteractionLists } from '../interactions/interaction-lists.js'

/** The best items of some users, a row of `k` places each; a row ends where candidates ran out. */
export interface RankedRows {
  readonly k: number
  /** Item indices, best first. */
  readonly items: Int32Array
  readonly scores: Float32Array
  /** Places filled in each row. */
  readonly lengths: Int32Array
  /** For each row, items outside of it that have the score of its last place. */
  readonly tied: Int32Array
}

/**
 * Anything that scores all items for users: all that evaluation knows of a model.
 *
 * Users and items are indices of the {@link IdMap}s the model was trained with.
 */
export interface Ranker {
  readonly userCount: number
  readonly itemCount: number
  /**
   * Writes the score of every item for each of `users`, row-major: the score of item i for
   * `users[r]` goes to `out[r * itemCount + i]`; higher is better.
   *
   * @param users - indices in 0..userCount-1
   * @param out - at least `users.length * itemCount` places
   */
  scoreUsers(users: Int32Array, out: Float32Array): void
  /**
   * The exact `k` best items of each of `users`, equal scores going to the lower index: what `topK` finds
   * in the rows of {@link scoreUsers}, but faster, where a ranker can do so. Undefined when it cannot
   * for these users, for instance because a score is NaN.
   *
   * @param users - indices in 0..userCount-1
   * @param k - 1..itemCount
   * @param exclude - by user index, the items to leave out
   */
  rankUsers?(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined
}
