import { type Id, type InteractionTable, parseOptions, type Split, splitRows } from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { timeOrder } from '../tables/time-order.js'
import { splitByUser } from './split-by-user.js'
import {
  cutPoints,
  defaultRatios,
  ratiosSchema,
  roundingSchema,
  type SplitRatios,
  type SplitRounding,
  userCutPoints,
} from './split-ratios.js'

/** Options of {@link temporalSplit}. */
export interface TemporalSplitOptions {
  /** Parts for training, validation and test. Default `[0.7, 0.1, 0.2]`. */
  ratios?: SplitRatios | undefined
  /** What becomes of rows that do not divide. Default `'cut'`. */
  rounding?: SplitRounding | undefined
  /**
   * `'user'`: cut every user's own history, at least one row of it for training. `'global'`: cut all
   * rows at two moments, so that users and items may be in test that are not in training. Default
   * `'user'`.
   */
  scope?: 'user' | 'global' | undefined
  /**
   * Moments at which all rows are cut, in the unit of the timestamps: validation holds the rows from
   * the first on, test those from the second on. In place of `ratios`, with `scope: 'global'` alone.
   */
  at?: readonly [validationFrom: number, testFrom: number] | undefined
}

export const temporalSplitSchema = z
  .strictObject({
    ratios: ratiosSchema.optional(),
    rounding: roundingSchema,
    scope: z.enum(['user', 'global']).default('user'),
    at: z
      .tuple([z.number(), z.number()])
      .refine(([first, second]) => first <= second, { error: 'expected two ascending moments' })
      .optional(),
  })
  .refine(({ at, scope }) => at === undefined || scope === 'global', {
    path: ['at'],
    error: "expected scope: 'global' with it",
  })
  .refine(({ at, ratios }) => at === undefined || ratios === undefined, {
    path: ['at'],
    error: 'expected ratios or moments, not both',
  })

/**
 * Trains on what came first and tests on what came last.
 *
 * Rows are sorted by timestamp, equal times in the order of the source, and n rows are cut at
 * ⌊train · n⌋ and ⌊(train + validation) · n⌋ in exact arithmetic. With `scope: 'user'` the parts
 * keep the order of the source, with `scope: 'global'` they are in the order of time.
 *
 * @throws InvalidInteractionsError when the table has no timestamps, no rows, or none for training
 * @throws InvalidOptionsError
 */
export function temporalSplit<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: TemporalSplitOptions = {},
): Split<User, Item> {
  const parsed = parseOptions('temporalSplit', temporalSplitSchema, options)
  const { ratios = defaultRatios, rounding, scope, at } = parsed
  rejectEmpty('temporalSplit', table)
  const sort = timeOrder('temporalSplit', table)
  const cut = at ? { at } : { ratios, rounding }
  const method = { name: 'temporal', settings: { scope, ...cut } }
  if (scope === 'user')
    return splitByUser(table, sort, (rows) => userCutPoints(rows, ratios, rounding), method)
  const rows = Int32Array.from(table.userIndex, (_, row) => row)
  sort(rows)
  const [trainEnd, validationEnd] = at
    ? at.map((moment) => rows.filter((row) => table.timestamp![row] < moment).length)
    : cutPoints(rows.length, ratios, rounding)
  return splitRows(
    table,
    {
      train: rows.subarray(0, trainEnd),
      validation: rows.subarray(trainEnd, validationEnd),
      test: rows.subarray(validationEnd),
    },
    method,
  )
}
