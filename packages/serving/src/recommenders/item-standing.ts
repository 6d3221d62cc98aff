import type { Id } from '@gnnrec/graph'
import type { AnswerSource } from './recommendation.js'

/** An item that raises another one once a person has met it too. */
interface Lift<ItemId extends Id> {
  /** The item that the history lacks. */
  readonly item: ItemId
  /** Score of the raised item in the list that the person then gets. */
  readonly score: number
  /** Rank of the raised item in that list. */
  readonly rank: number
  /** Score of the raised item less that of the last place of that list. Null without a last place. */
  readonly gap: number | null
}

/** The items that would have raised another one. */
export interface Lifts<ItemId extends Id = Id> {
  /**
   * The way in which they were found: `'exact'` when the items were tried that add most to the score, of all items of
   * the catalogue, `'tried'` when a bounded number of items like the raised one were tried. `'none'` when none was
   * looked for, as the score does not depend on the history, a rule keeps the item out, the recommender cannot answer
   * for histories, or none was wanted.
   */
  readonly method: 'exact' | 'tried' | 'none'
  /** Number of items that were tried. */
  readonly tried: number
  /** Those that raise it, each alone, the best rank first. */
  readonly items: readonly Lift<ItemId>[]
}

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
  /**
   * The names of the rules without which the item would be in the list, each of them left out alone. Absent without rules,
   * or when the item is in the list; empty when no single rule keeps it out.
   */
  readonly ruledOutBy?: readonly string[]
  /** Rank from 1 among the items that may be listed; for an item that is left out, the rank that it would have. */
  readonly rank: number
  /** The item in the last place of the list and its score, or null when nothing may be listed. */
  readonly last: { readonly item: ItemId; readonly score: number } | null
  /** Score of the item less that of the last place: below 0, it is what the item lacks. Null without a last place. */
  readonly gap: number | null
  /** The items that would have raised it, had the person met one of them. */
  readonly lifts: Lifts<ItemId>
}
