import { type Id, type InteractionTable, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { timeOrder } from '../tables/time-order.js'
import { splitByUser } from './split-by-user.js'

/** Options of {@link leaveLastOut}. */
export interface LeaveLastOutOptions {
  /**
   * True when the last row but one of every user goes into validation. Otherwise that part is empty.
   *
   * @defaultValue `true`
   */
  validation?: boolean | undefined
}

export const leaveLastOutSchema = z.strictObject({ validation: z.boolean().default(true) })

/**
 * Splits a table so that every user's last row is for testing and the row before it for validation.
 *
 * Rows are sorted by timestamp; equal times keep the order of the source. A user with two rows has one
 * in training and one in test; a user with one row has it in training.
 *
 * @example
 * ```ts
 * import { leaveLastOut, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { validation, test } = leaveLastOut(interactions)
 * console.log(validation.userIndex.length, test.userIndex.length)
 * ```
 *
 * @throws InvalidInteractionsError when the table has no timestamps or no rows
 * @throws InvalidOptionsError
 */
export function leaveLastOut<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: LeaveLastOutOptions = {},
): Split<User, Item> {
  const { validation } = parseOptions('leaveLastOut', leaveLastOutSchema, options)
  rejectEmpty('leaveLastOut', table)
  const method = { name: 'leave-last-out', settings: { validation } }
  return splitByUser(table, timeOrder('leaveLastOut', table), leaveLastOutCuts(validation), method)
}

/** Returns a function that gives the ends of training and of validation among the n rows of a user. */
export function leaveLastOutCuts(validation: boolean): (rows: number) => [number, number] {
  return (rows) => {
    if (rows === 1) return [1, 1]
    const last = rows - 1
    return [validation && rows > 2 ? last - 1 : last, last]
  }
}
