import { type Id, type InteractionTable, parseOptions, type Split } from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { timeOrder } from '../tables/time-order.js'
import { splitByUser } from './split-by-user.js'

/** Options of {@link leaveLastOut}. */
export interface LeaveLastOutOptions {
  /** Whether the row before the last goes into validation; otherwise that part is empty. Default `true`. */
  validation?: boolean | undefined
}

export const leaveLastOutSchema = z.strictObject({ validation: z.boolean().default(true) })

/**
 * Tests on every user's last row and validates on the one before.
 *
 * Rows are sorted by timestamp, equal times in the order of the source. A user with two rows has one
 * in training and one in test; a user with one row has it in training.
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

/** Where a user's n rows are cut: end of training, end of validation. */
export function leaveLastOutCuts(validation: boolean): (rows: number) => [number, number] {
  return (rows) => {
    if (rows === 1) return [1, 1]
    const last = rows - 1
    return [validation && rows > 2 ? last - 1 : last, last]
  }
}
