import type { Id } from '@gnnrec/graph'
import type { AnswerSource } from './recommendation.js'

/** The reason why an item is or is not in somebody's list. `JSON.stringify` keeps all of it. */
export interface ItemStanding<ItemId extends Id = Id> {
  /** The item that was asked about. */
  readonly item: ItemId
  readonly score: number
  /** The way in which the score was made. The score of `'popularity'` is the number of training users of the item. */
  readonly source: AnswerSource
  /** The rule that keeps the item out of every list of the person, or null when none does. */
  readonly leftOut: 'seen' | 'excluded' | 'not a candidate' | null
  /**
   * The name of the filter that keeps the item out, of a combination the part that does. Absent when no filter does, or
   * it has no name.
   */
  readonly filter?: string
  /** Rank from 1 among the items that may be listed; for an item that is left out, the rank that it would have. */
  readonly rank: number
  /** The item in the last place of the list and its score, or null when nothing may be listed. */
  readonly last: { readonly item: ItemId; readonly score: number } | null
  /** Score of the item less that of the last place: below 0, it is what the item lacks. Null without a last place. */
  readonly gap: number | null
}
