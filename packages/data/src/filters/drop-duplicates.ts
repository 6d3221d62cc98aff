import type { Id, InteractionTable } from '@gnnrec/graph'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'
import { rowsByUser } from '../tables/rows-by-user.js'

/**
 * Keeps the first row of every (user, item) pair, in the order of the source.
 *
 * @throws InvalidInteractionsError when the table has no rows
 */
export function dropDuplicates<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
): InteractionTable<User, Item> {
  rejectEmpty('dropDuplicates', table)
  return keepRows(table, firstOfPairs(table), () => 'No interaction is left.')
}

/** Flags the first row of every (user, item) pair. */
export function firstOfPairs(table: InteractionTable): Uint8Array {
  const { pointers, rows } = rowsByUser(table)
  const first = new Uint8Array(rows.length)
  const lastUser = new Int32Array(table.items.size).fill(-1)
  for (let user = 0; user < table.users.size; user++) {
    for (let position = pointers[user]; position < pointers[user + 1]; position++) {
      const row = rows[position]
      const item = table.itemIndex[row]
      if (lastUser[item] !== user) first[row] = 1
      lastUser[item] = user
    }
  }
  return first
}
