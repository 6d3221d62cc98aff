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
}
