import { type Id, type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'

/** Options of {@link filterMinInteractions}. */
export interface FilterMinInteractionsOptions {
  /**
   * The smallest number of rows, 1 or more, with which a user is kept.
   *
   * @defaultValue `1`
   */
  minPerUser?: number | undefined
  /**
   * The smallest number of rows, 1 or more, with which an item is kept.
   *
   * @defaultValue `1`
   */
  minPerItem?: number | undefined
  /**
   * True to repeat the filter until every remaining user and item has enough rows, which gives the
   * k-core. False to drop users once and then items once, after which some users may have too few rows.
   *
   * @defaultValue `true`
   */
  iterate?: boolean | undefined
}

export const filterMinInteractionsSchema = z.strictObject({
  minPerUser: z.int().min(1).default(1),
  minPerItem: z.int().min(1).default(1),
  iterate: z.boolean().default(true),
})

/**
 * Drops users and items with too few rows. The id maps shrink to the remaining users and items.
 *
 * Rows are counted, not distinct pairs; call {@link dropDuplicates} first if the table may have
 * duplicates. The k-core does not depend on the order in which users and items are dropped.
 *
 * @example
 * ```ts
 * import { filterMinInteractions } from '@gnnrec/data'
 * import { fromRecords } from '@gnnrec/graph'
 *
 * const table = fromRecords([
 *   { user: 'ana', item: 'lamp' },
 *   { user: 'bob', item: 'lamp' },
 *   { user: 'bob', item: 'desk' },
 * ])
 * console.log(filterMinInteractions(table, { minPerItem: 2 }).items.ids)
 * ```
 *
 * @throws InvalidInteractionsError when nothing is left
 * @throws InvalidOptionsError
 */
export function filterMinInteractions<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: FilterMinInteractionsOptions,
): InteractionTable<User, Item> {
  const owner = 'filterMinInteractions'
  const { minPerUser, minPerItem, iterate } = parseOptions(
    owner,
    filterMinInteractionsSchema,
    options,
  )
  rejectEmpty(owner, table)
  const keep = new Uint8Array(table.userIndex.length).fill(1)
  let dropped: number
  do {
    dropped = dropRare(table.userIndex, table.users.size, minPerUser, keep)
    dropped += dropRare(table.itemIndex, table.items.size, minPerItem, keep)
  } while (iterate && dropped > 0)
  return keepRows(
    table,
    keep,
    () =>
      `No interactions are left: none of the ${keep.length} rows has a user with ${minPerUser} rows and an item with ${minPerItem} rows. Lower minPerUser or minPerItem.`,
  )
}

/** Clears the flags of rows whose user or item has fewer than `min` flagged rows, and returns their number. */
function dropRare(index: Int32Array, size: number, min: number, keep: Uint8Array): number {
  const counts = new Int32Array(size)
  for (let row = 0; row < index.length; row++) counts[index[row]] += keep[row]
  let dropped = 0
  for (let row = 0; row < index.length; row++) {
    if (keep[row] && counts[index[row]] < min) {
      keep[row] = 0
      dropped++
    }
  }
  return dropped
}
