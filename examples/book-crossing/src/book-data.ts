import {
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  loadBookCrossing,
  randomSplit,
  readBookCrossing,
} from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

/** Books and their readers, split into parts. */
export interface BookData {
  readonly name: string
  readonly split: Split
}

/**
 * Loads the 10-core subset that others have split into train, validation and test; its ids are not
 * ISBNs.
 */
export async function loadSubset(): Promise<BookData> {
  const { name, split } = await loadBookCrossing()
  return { name, split }
}

/** Settings by which raw ratings become positives. */
export interface RawSettings {
  /**
   * Lowest rating from 1 to 10 that counts as a positive. A rating of 0 means that the reader had
   * the book, and counts too.
   */
  readonly atLeast: number
  /** Interactions that each user and each book must have. */
  readonly core: number
  readonly seed: number
}

/**
 * Loads the published `BX-Book-Ratings.csv`. It has no times, so each reader's books are split at
 * random: 70 % for training, 10 % for validation, 20 % for the test.
 */
export async function loadRaw(
  file: string,
  { atLeast, core, seed }: RawSettings,
): Promise<BookData> {
  const ratings = dropDuplicates(await readBookCrossing(file))
  const positives = filterRating(ratings, { atLeast, implicitRating: 0 })
  const dense = filterMinInteractions(positives, { minPerUser: core, minPerItem: core })
  return { name: `book-crossing, ${core}-core`, split: randomSplit(dense, { seed }) }
}
