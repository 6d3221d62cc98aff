import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
} from '@gnnrec/graph'
import { invalidValueReason } from '@gnnrec/graph/files'
import * as z from 'zod'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'

/** Options of {@link filterRating}. */
export interface FilterRatingOptions {
  /** The lowest rating that is kept. */
  atLeast: number
  /**
   * The rating that stands for an interaction without a rating, as 0 does in Book-Crossing. Rows with it
   * are always kept. Without this option no rating has that meaning.
   */
  implicitRating?: number | undefined
}

const rating = z.number().refine((value) => invalidValueReason('rating', value) === undefined, {
  error: 'expected a number below 3.4e38, the limit of ratings',
})

export const filterRatingSchema = z.strictObject({
  atLeast: rating,
  implicitRating: rating.optional(),
})

/**
 * Keeps the rows with a rating of `atLeast` or more. The id maps shrink to the remaining users and items.
 *
 * @example
 * ```ts
 * import { filterRating } from '@gnnrec/data'
 * import { fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ana', item: 'lamp', rating: 2 },
 *   { user: 'ana', item: 'desk', rating: 4 },
 * ])
 * console.log(filterRating(table, { atLeast: 3 }).items.ids)
 * ```
 *
 * @throws InvalidInteractionsError when the table has no ratings, or no rows are left
 * @throws InvalidOptionsError
 */
export function filterRating<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: FilterRatingOptions,
): InteractionTable<User, Item> {
  const { atLeast, implicitRating } = parseOptions('filterRating', filterRatingSchema, options)
  rejectEmpty('filterRating', table)
  const { rating } = table
  if (rating === undefined) {
    throw new InvalidInteractionsError(
      'filterRating got a table without ratings. Read the column of ratings too, or leave out the filter.',
    )
  }
  // Ratings are stored in single precision, in which 3.3 is smaller than in double precision.
  const threshold = Math.fround(atLeast)
  const implicit = implicitRating === undefined ? Number.NaN : Math.fround(implicitRating)
  return keepRows(
    table,
    Uint8Array.from(rating, (value) => (value >= threshold || value === implicit ? 1 : 0)),
    () =>
      `No interactions are left: the highest rating is ${rating.reduce((a, b) => Math.max(a, b))}, below ${atLeast}. Lower atLeast.`,
  )
}
