import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  rowCount,
  selectRows,
} from '@gnnrec/graph'
import { rowsWith } from './rows-with.js'

/**
 * Returns the table of the rows with flag 1, in order. Its id maps have only the remaining ids.
 *
 * @throws InvalidInteractionsError with the given message when no row has flag 1
 */
export function keepRows<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  keep: Uint8Array,
  emptyMessage: () => string,
): InteractionTable<User, Item> {
  const rows = rowsWith(keep, 1)
  if (rows.length === 0) throw new InvalidInteractionsError(emptyMessage())
  return selectRows(table, rows, { reindex: true })
}

/**
 * Checks that a table has rows.
 *
 * @throws InvalidInteractionsError when it has none
 */
export function rejectEmpty(owner: string, table: InteractionTable): void {
  if (rowCount(table) > 0) return
  throw new InvalidInteractionsError(`${owner} got a table without rows.`)
}
