import { type Id, type InteractionTable, parseOptions, type Split, splitRows } from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { type HoldOutOrder, heldOutParts } from './hold-out.js'
import { rowsOfParts } from './rows-of-parts.js'
import { seedSchema } from './seed-schema.js'
import { ratiosSchema, type SplitRatios } from './split-ratios.js'

/** Options of {@link holdOutItems}. */
export interface HoldOutItemsOptions {
  /** Parts of the items for training, validation and test. Default `[0.8, 0.1, 0.1]`. */
  ratios?: SplitRatios | undefined
  /** `'random'`, or `'first-seen'`: the items that appear last are held out. Default `'random'`. */
  order?: HoldOutOrder | undefined
  /** Of the random order. The same seed and table give the same split. Default 0. */
  seed?: number | string | undefined
}

const schema = z.strictObject({
  ratios: ratiosSchema.default([0.8, 0.1, 0.1]),
  order: z.enum(['random', 'first-seen']).default('random'),
  seed: seedSchema,
})

/**
 * Tests on items that training has never seen: each item is in one part with all its rows.
 *
 * A model of ids alone can say nothing of such items; the split is for models that know more of them.
 *
 * @throws InvalidInteractionsError when the table has no rows, none for training, or no timestamps
 * where they decide
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
