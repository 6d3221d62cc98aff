import type { Id, IdMap, RankedRows } from '@gnnrec/graph'
import type { ItemChoice } from './cold-start.js'
import type { ScoredRows } from './scored-rows.js'

/** Lists of which some were found by an index. */
export interface SearchedRows extends RankedRows {
  /** One number per list: 1 when all items were looked at, 0 when an index found it. */
  readonly exact?: Uint8Array
}

/** People whose best items an index is to find. */
export interface IndexQuestion {
  /** Number of people. */
  readonly people: number
  /** Length of a list. */
  readonly k: number
  /** The items for everybody. */
  readonly choice: ItemChoice
  /** Factor on the product of two rows. */
  readonly scale: number
  /** Returns the row of a person, whose products with those of items are the scores. */
  row(place: number): Float32Array
  /** Returns the ascending items that are left out for a person. */
  excludeOf(place: number): Int32Array
  /** Writes the scores of items for a person. */
  score(place: number, items: Int32Array, out: Float32Array): void
  /** Finds the lists of some people by looking at all items; undefined when a score is NaN. */
  rankExactly(places: Int32Array): RankedRows | undefined
}

/** An index that finds the best items of people; `ItemIndex` is one. */
export interface RankingIndex {
  /** Returns true when the index is of these items. */
  isOf(items: IdMap<Id>, rows: ScoredRows): boolean
  /** Finds the best items; undefined when a score is NaN. Every list is as long as an exact one. */
  rank(question: IndexQuestion): SearchedRows | undefined
}
