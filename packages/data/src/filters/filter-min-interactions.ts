import { type Id, type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { keepRows, rejectEmpty } from '../tables/keep-rows.js'

/** Options of {@link filterMinInteractions}. */
export interface FilterMinInteractionsOptions {
  /** Rows that a user must have to stay, 1 and up. Default 1. */
  minPerUser?: number | undefined
  /** Rows that an item must have to stay, 1 and up. Default 1. */
  minPerItem?: number | undefined
  /**
   * `true`: repeat until every user and item that is left has enough (the k-core). `false`: drop
   * users once, then items once, after which some users may have too few again. Default `true`.
   */
  iterate?: boolean | undefined
}

export const filterMinInteractionsSchema = z.strictObject({
  minPerUser: z.int().min(1).default(1),
  minPerItem: z.int().min(1).default(1),
  iterate: z.boolean().default(true),
})

/**
 * Drops users and items with too few rows; the id maps shrink to what is left.
 *
 * Rows are counted, not distinct pairs: call {@link dropDuplicates} before if there may be any. The
 * k-core does not depend on the order in which users and items are dropped.
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
      `No interaction is left: nothing of ${keep.length} rows has ${minPerUser} rows a user and ${minPerItem} rows an item. Lower minPerUser or minPerItem.`,
  )
}

/**
 * The filter of the system that this library re-creates: users with too few rows are dropped once,
 * then items with too few of the rows that are left, once. Afterwards some users may have too few rows
 * again; {@link filterMinInteractions} finds the k-core.
 *
 * @throws InvalidInteractionsError when nothing is left
 * @throws InvalidOptionsError
 */
export function filterOnePass<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: Omit<FilterMinInteractionsOptions, 'iterate'>,
): InteractionTable<User, Item> {
  const parsed = parseOptions(
    'filterOnePass',
    filterMinInteractionsSchema.omit({ iterate: true }),
    options,
  )
  return filterMinInteractions(table, { ...parsed, iterate: false })
}

/** Unmarks the kept rows whose index occurs in fewer than `min` kept rows; returns their number. */
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
