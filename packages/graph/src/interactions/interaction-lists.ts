import { InvalidInteractionsError } from '../errors.js'
import type { InteractionTable } from './interaction-table.js'
import { invalidValueReason } from './value-limits.js'

/** The distinct items of each user in ascending order, as compressed rows. */
export interface InteractionLists {
  /** The `userCount + 1` offsets of the users' rows in `items`. */
  readonly pointers: Int32Array
  /** Item indices, user after user. */
  readonly items: Int32Array
  /** The weight of each entry of `items`, above 0. Without weights, every entry counts 1. */
  readonly weights?: Float32Array
}

type Tables = readonly [InteractionTable, ...InteractionTable[]]

/**
 * Collects the distinct items of every user over one or several tables that share id maps.
 *
 * Row u is `items.subarray(pointers[u], pointers[u + 1])`, ascending. When the tables have weights, those of a
 * repeated pair add up, in float64 and in the order of the rows. O(rows + users + items).
 *
 * @throws InvalidInteractionsError when the tables do not share their id maps, some have weights and others
 * have none, or the weights of a pair add up to more than single precision holds
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
export function interactionLists(...tables: Tables): InteractionLists {
  for (const { users, items, weight } of tables) {
    if (users !== tables[0].users || items !== tables[0].items) {
      throw new InvalidInteractionsError(
        'interactionLists got tables with different id maps, whose indices mean different users and items; make them from one table (splitRows).',
      )
    }
    if ((weight === undefined) !== (tables[0].weight === undefined)) {
      throw new InvalidInteractionsError(
        'interactionLists got tables with weights and tables without; expected weights in all or in none.',
      )
    }
  }
  const lists = distinctItems(tables)
  if (tables[0].weight === undefined) return lists
  return { ...lists, weights: pairWeights(tables, lists) }
}

/** Collects the distinct items of every user, without weights. */
export function distinctItems(tables: Tables): InteractionLists {
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

/**
 * Adds up the weights of the rows of each pair; a row without a weight counts 1.
 *
 * @throws InvalidInteractionsError when a sum does not fit into single precision
 */
export function pairWeights(tables: Tables, { pointers, items }: InteractionLists): Float32Array {
  const sums = new Float64Array(items.length)
  for (const { userIndex, itemIndex, weight } of tables) {
    for (let row = 0; row < userIndex.length; row++) {
      const user = userIndex[row]
      const entry = entryOf(items, itemIndex[row], pointers[user], pointers[user + 1])
      sums[entry] += weight === undefined ? 1 : weight[row]
    }
  }
  for (let entry = 0; entry < sums.length; entry++) {
    const reason = invalidValueReason('weight', sums[entry])
    if (reason === undefined) continue
    let user = 0
    while (pointers[user + 1] <= entry) user++
    const { users, items: ids } = tables[0]
    throw new InvalidInteractionsError(
      `The weights of user ${JSON.stringify(users.idOf(user))} and item ${JSON.stringify(ids.idOf(items[entry]))} add up to ${sums[entry]}; ${reason}.`,
    )
  }
  return Float32Array.from(sums)
}

/** Finds the place of an item between two places of ascending items, one of which it has. */
function entryOf(items: Int32Array, item: number, start: number, end: number): number {
  let low = start
  let high = end - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (items[middle] < item) low = middle + 1
    else high = middle
  }
  return low
}
