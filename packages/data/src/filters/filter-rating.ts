import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
} from '@gnnrec/graph'
import * as z from 'zod'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'

/** Options of {@link filterRating}. */
export interface FilterRatingOptions {
  /** The lowest rating that stays. */
  atLeast: number
  /**
   * A rating that stands for an interaction without one, as 0 does in Book-Crossing: its rows stay
   * whatever `atLeast` is. Default: there is none.
   */
  implicitRating?: number | undefined
}

export const filterRatingSchema = z.strictObject({
  atLeast: z.number(),
  implicitRating: z.number().optional(),
})

/**
 * Keeps the rows with a rating of `atLeast` and up; the id maps shrink to what is left.
 *
 * @throws InvalidInteractionsError when the table has no ratings, or nothing is left
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
      'filterRating got a table without ratings. Read them with the column rating, or leave the filter out.',
    )
  }
  // Ratings are stored in single precision, where 3.3 is less than the double 3.3.
  const threshold = Math.fround(atLeast)
  const implicit = implicitRating === undefined ? Number.NaN : Math.fround(implicitRating)
  return keepRows(
    table,
    Uint8Array.from(rating, (value) => (value >= threshold || value === implicit ? 1 : 0)),
    () =>
      `No interaction is left: the highest rating is ${rating.reduce((a, b) => Math.max(a, b))}, below ${atLeast}. Lower atLeast.`,
  )
}
