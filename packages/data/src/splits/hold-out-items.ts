import { type Id, type InteractionTable, parseOptions, type Split, splitRows } from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { type HoldOutOrder, heldOutParts } from './hold-out.js'
import { rowsOfParts } from './rows-of-parts.js'
import { seedSchema } from './seed-schema.js'
import { ratiosSchema, type SplitRatios } from './split-ratios.js'

/** Options of {@link holdOutItems}. */
export interface HoldOutItemsOptions {
  /**
   * The shares of the items for training, validation and test. They sum to 1.
   *
   * @defaultValue `[0.8, 0.1, 0.1]`
   */
  ratios?: SplitRatios | undefined
  /**
   * The order of the items before they are divided: `'random'`, or `'first-seen'`, which holds out the
   * items that appear last.
   *
   * @defaultValue `'random'`
   */
  order?: HoldOutOrder | undefined
  /**
   * The seed of the random order. The same seed and table give the same split.
   *
   * @defaultValue `0`
   */
  seed?: number | string | undefined
}

const schema = z.strictObject({
  ratios: ratiosSchema.default([0.8, 0.1, 0.1]),
  order: z.enum(['random', 'first-seen']).default('random'),
  seed: seedSchema,
})

/**
 * Splits a table by items, so that the test items are new: all rows of an item are in one part.
 *
 * A model that knows items only by their ids cannot recommend new items. The split is for models that
 * know more about them.
 *
 * @example
 * ```ts
 * import { holdOutItems, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { train, test } = holdOutItems(interactions, { order: 'first-seen' })
 * console.log(train.userIndex.length, test.userIndex.length)
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows, no rows for training, or no timestamps
 * for `order: 'first-seen'`
 * @throws InvalidOptionsError
 */
export function holdOutItems<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: HoldOutItemsOptions = {},
): Split<User, Item> {
  const settings = parseOptions('holdOutItems', schema, options)
  rejectEmpty('holdOutItems', table)
  const partOf = heldOutParts('holdOutItems', table, 'itemIndex', settings)
  const part = Uint8Array.from(table.itemIndex, (item) => partOf[item])
  return splitRows(table, rowsOfParts(part), { name: 'hold-out-items', settings })
}
