import {
  type Id,
  type InteractionTable,
  interactionLists,
  parseOptions,
  rowCount,
} from '@gnnrec/graph'
import * as z from 'zod'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'
import { rowsByUser } from '../tables/rows-by-user.js'
import { timeOrder } from '../tables/time-order.js'

/** Options of {@link dropDuplicates}. */
export interface DropDuplicatesOptions {
  /**
   * The row of each pair that is kept: the first or last in the order of the source, or the earliest or
   * latest by timestamp. Of several earliest rows the first is kept, of several latest rows the last.
   *
   * @defaultValue `'first'`
   */
  keep?: 'first' | 'last' | 'earliest' | 'latest' | undefined
  /**
   * The weight of the row that is kept: its own, or the sum over all rows of its pair. A row without a weight
   * counts 1, so that the sum of a table without weights is the number of rows of each pair.
   *
   * @defaultValue `'own'`
   */
  weight?: 'own' | 'sum' | undefined
}

export const dropDuplicatesSchema = z.strictObject({
  keep: z.enum(['first', 'last', 'earliest', 'latest']).default('first'),
  weight: z.enum(['own', 'sum']).default('own'),
})

/**
 * Keeps one row of every (user, item) pair. The rows stay in the order of the source.
 *
 * @example
 * ```ts
 * import { dropDuplicates } from '@gnnrec/data'
 * import { fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ana', item: 'lamp', rating: 2 },
 *   { user: 'ana', item: 'lamp', rating: 5 },
 * ])
 * console.log(dropDuplicates(table, { keep: 'last' }).rating)
 * console.log(dropDuplicates(table, { weight: 'sum' }).weight) // the number of rows of the pair
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows, when `keep` needs timestamps and the table has
 * none, or when weights add up to more than single precision holds
 * @throws InvalidOptionsError
 */
export function dropDuplicates<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: DropDuplicatesOptions = {},
): InteractionTable<User, Item> {
  const { keep, weight } = parseOptions('dropDuplicates', dropDuplicatesSchema, options)
  rejectEmpty('dropDuplicates', table)
  const byTime = keep === 'earliest' || keep === 'latest'
  const arrange = byTime ? timeOrder('dropDuplicates', table) : undefined
  const isLast = keep === 'last' || keep === 'latest'
  const summed = weight === 'sum' ? { ...table, weight: sumsOfPairs(table) } : table
  return keepRows(summed, oneOfPairs(table, arrange, isLast), () => 'No interactions are left.')
}

/** Returns for each row the sum of the weights of all rows of its pair, or their number without weights. */
function sumsOfPairs(table: InteractionTable): Float32Array {
  const { users, items, itemIndex } = table
  const weight = table.weight ?? new Float32Array(rowCount(table)).fill(1)
  const {
    pointers,
    items: listed,
    weights = new Float32Array(),
  } = interactionLists({
    ...table,
    weight,
  })
  const sums = new Float32Array(rowCount(table))
  const place = new Int32Array(items.size)
  const { pointers: starts, rows } = rowsByUser(table)
  for (let user = 0; user < users.size; user++) {
    for (let p = pointers[user]; p < pointers[user + 1]; p++) place[listed[p]] = p
    for (let r = starts[user]; r < starts[user + 1]; r++) {
      sums[rows[r]] = weights[place[itemIndex[rows[r]]]]
    }
  }
  return sums
}

/** Returns one flag a row, which is 1 for the first row of every (user, item) pair. */
export function firstOfPairs(table: InteractionTable): Uint8Array {
  return oneOfPairs(table, undefined, false)
}

/** Returns one flag a row, which is 1 for the first or last row of every pair, in source order or as arranged. */
function oneOfPairs(
  table: InteractionTable,
  arrange: ((rows: Int32Array) => void) | undefined,
  isLast: boolean,
): Uint8Array {
  const { pointers, rows } = rowsByUser(table)
  const kept = new Uint8Array(rows.length)
  const seenBy = new Int32Array(table.items.size).fill(-1)
  for (let user = 0; user < table.users.size; user++) {
    const own = rows.subarray(pointers[user], pointers[user + 1])
    arrange?.(own)
    if (isLast) own.reverse()
    for (const row of own) {
      const item = table.itemIndex[row]
      if (seenBy[item] !== user) kept[row] = 1
      seenBy[item] = user
    }
  }
  return kept
}
