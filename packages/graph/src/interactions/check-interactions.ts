import { InvalidInteractionsError } from '../errors.js'
import type { InteractionTable } from './interaction-table.js'
import { invalidValueReason } from './value-limits.js'

/**
 * Checks a table that was put together by hand: that its columns are equally long, its indices belong to
 * ids, and its ratings, timestamps and weights are valid. The tables of {@link fromRecords}, {@link fromColumns}
 * and the readers of `@gnnrec/data` are checked already.
 *
 * @param name - the name of the table in messages
 * @throws InvalidInteractionsError with the row and the value
 * @example
 * ```ts
 * import { checkInteractions, fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([{ user: 'ann', item: 'jaws' }])
 * try {
 *   checkInteractions({ ...table, rating: Float32Array.of(Infinity) })
 * } catch (error) {
 *   console.log((error as Error).message)
 * }
 * ```
 */
export function checkInteractions(table: InteractionTable, name = 'the table'): void {
  const { users, items, userIndex, itemIndex, rating, timestamp, weight } = table
  const rows = userIndex.length
  for (const [column, { length }] of Object.entries({
    itemIndex,
    ...(rating && { rating }),
    ...(timestamp && { timestamp }),
    ...(weight && { weight }),
  })) {
    if (length === rows) continue
    throw new InvalidInteractionsError(
      `The column '${column}' of ${name} has ${length} rows, 'userIndex' has ${rows}; expected columns of one length.`,
    )
  }
  checkIndices('user', userIndex, users.size, name)
  checkIndices('item', itemIndex, items.size, name)
  for (const role of ['rating', 'timestamp', 'weight'] as const) {
    const column = table[role] ?? []
    for (let row = 0; row < column.length; row++) {
      const reason = invalidValueReason(role, column[row])
      if (reason === undefined) continue
      throw new InvalidInteractionsError(
        `Row ${row} of ${name} has the ${role} ${column[row]}; ${reason}.`,
      )
    }
  }
}

function checkIndices(role: 'user' | 'item', column: Int32Array, size: number, name: string): void {
  for (let row = 0; row < column.length; row++) {
    if (column[row] >= 0 && column[row] < size) continue
    throw new InvalidInteractionsError(
      `Row ${row} of ${name} has the ${role} index ${column[row]}; expected the index of an id, from 0 to ${size - 1}.`,
    )
  }
}
