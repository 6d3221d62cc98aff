import type { Id } from '@gnnrec/graph'
import type { AnswerSource } from './recommendation.js'

/** The part of a score that is owed to an item of a history. */
interface Contribution<ItemId extends Id = Id> {
  readonly item: ItemId
  readonly contribution: number
}

/** The parts of the score of an item for somebody. `JSON.stringify` keeps all of it. */
export interface Explanation<ItemId extends Id = Id> {
  /** The item that was asked about. */
  readonly item: ItemId
  readonly score: number
  /** The way in which the score was made. The score of `'popularity'` is the number of training users of the item. */
  readonly source: AnswerSource
  /**
   * The way in which contributions were found: `'exact'` when the score is a sum with a term for each item,
   * `'leave-one-out'` when a contribution is the change of the score where the item is left out of the history, `'none'`
   * when the score does not depend on the history.
   */
  readonly method: 'exact' | 'leave-one-out' | 'none'
  /** The items of the history, the largest contribution first. */
  readonly contributions: readonly Contribution<ItemId>[]
  /**
   * The rest of the score: with the contributions, it adds up to the score. Of a trained user of a propagated model it
   * holds what the model knows of the user beside the items, and the item's bias.
   */
  readonly remainder: number
}
