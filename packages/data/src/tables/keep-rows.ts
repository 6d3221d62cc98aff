import {
  type Id,
  type InteractionTable,
  InvalidInteractionsError,
  rowCount,
  selectRows,
} from '@gnnrec/graph'
import { rowsWith } from './rows-with.js'

/** The rows flagged with 1, in order, with id maps of what is left. */
export function keepRows<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  keep: Uint8Array,
  emptyMessage: () => string,
): InteractionTable<User, Item> {
  const rows = rowsWith(keep, 1)
  if (rows.length === 0) throw new InvalidInteractionsError(emptyMessage())
  return selectRows(table, rows, { reindex: true })
}

/** @throws InvalidInteractionsError when there is no row at all */
export function rejectEmpty(owner: string, table: InteractionTable): void {
  if (rowCount(table) > 0) return
  throw new InvalidInteractionsError(`${owner} got a table without rows.`)
}
