import type { InteractionLists } from '../interactions/interaction-lists.js'

/** The best items of some users, in rows of `k` places. A row ends where candidates ran out. */
export interface RankedRows {
  /** Places of a row. */
  readonly k: number
  /** Item indices, best first. */
  readonly items: Int32Array
  /** Scores of the items. */
  readonly scores: Float32Array
  /** The number of places filled in each row. */
  readonly lengths: Int32Array
  /** The number of items outside of each row that have the score of its last place. */
  readonly tied: Int32Array
}

/**
 * A model as evaluation sees it: something that scores all items for users.
 *
 * Users and items are indices of the {@link IdMap}s that the model was trained with.
 */
export interface Ranker {
  /** Number of users. */
  readonly userCount: number
  /** Number of items. */
  readonly itemCount: number
  /**
   * Writes the score of every item for each of `users`, row-major: the score of item i for
   * `users[r]` goes to `out[r * itemCount + i]`. Higher is better.
   *
   * @param users - indices in 0..userCount-1
   * @param out - at least `users.length * itemCount` places
   */
  scoreUsers(users: Int32Array, out: Float32Array): void
  /**
   * Returns the exact `k` best items of each of `users`, with equal scores in favour of the lower index:
   * the same as `topK` finds in the rows of {@link scoreUsers}, but faster. Returns undefined when it
   * cannot for these users, for instance because a score is NaN.
   *
   * @param users - indices in 0..userCount-1
   * @param k - 1..itemCount
   * @param exclude - the items to leave out, by user index
   */
  rankUsers?(users: Int32Array, k: number, exclude: InteractionLists): RankedRows | undefined
}
