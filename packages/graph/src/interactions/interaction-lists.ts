import { InvalidInteractionsError } from '../errors.js'
import type { InteractionTable } from './interaction-table.js'

/** The distinct items of each user in ascending order, as compressed rows. */
export interface InteractionLists {
  /** The `userCount + 1` offsets of the users' rows in `items`. */
  readonly pointers: Int32Array
  /** Item indices, user after user. */
  readonly items: Int32Array
}

/**
 * Collects the distinct items of every user over one or several tables that share id maps.
 *
 * Row u is `items.subarray(pointers[u], pointers[u + 1])`, ascending. O(rows + users + items).
 *
 * @throws InvalidInteractionsError when the tables do not share their id maps
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'jaws' },
 *   { user: 'ann', item: 'alien' },
 *   { user: 'bob', item: 'alien' },
 * ])
 * const { pointers, items } = interactionLists(table)
 * console.log(items.subarray(pointers[0], pointers[1])) // [ 0, 1 ], the items of ann
 * ```
 */
export function interactionLists(
  ...tables: readonly [InteractionTable, ...InteractionTable[]]
): InteractionLists {
  for (const { users, items } of tables) {
    if (users === tables[0].users && items === tables[0].items) continue
    throw new InvalidInteractionsError(
      'interactionLists got tables with different id maps, whose indices mean different users and items; make them from one table (splitRows).',
    )
  }
  const userCount = tables[0].users.size
  const itemCount = tables[0].items.size
  // Counting sort by item, then by user, leaves rows sorted without a comparison sort.
  const byItem = new Int32Array(itemCount + 1)
  for (const { itemIndex } of tables)
    for (let r = 0; r < itemIndex.length; r++) byItem[itemIndex[r] + 1]++
  for (let i = 0; i < itemCount; i++) byItem[i + 1] += byItem[i]
  const total = byItem[itemCount]
  const usersByItem = new Int32Array(total)
  const next = byItem.slice(0, itemCount)
  for (const { userIndex, itemIndex } of tables) {
    for (let r = 0; r < userIndex.length; r++) usersByItem[next[itemIndex[r]]++] = userIndex[r]
  }
  const last = new Int32Array(userCount).fill(-1)
  const counts = new Int32Array(userCount + 1)
  for (let i = 0; i < itemCount; i++) {
    for (let p = byItem[i]; p < byItem[i + 1]; p++) {
      const user = usersByItem[p]
      if (last[user] !== i) counts[user + 1]++
      last[user] = i
    }
  }
  for (let u = 0; u < userCount; u++) counts[u + 1] += counts[u]
  const items = new Int32Array(counts[userCount])
  const write = counts.slice(0, userCount)
  last.fill(-1)
  for (let i = 0; i < itemCount; i++) {
    for (let p = byItem[i]; p < byItem[i + 1]; p++) {
      const user = usersByItem[p]
      if (last[user] !== i) items[write[user]++] = i
      last[user] = i
    }
  }
  return { pointers: counts, items }
}
