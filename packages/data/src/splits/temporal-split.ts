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
  /**
   * The shares of the rows for training, validation and test. They sum to 1.
   *
   * @defaultValue `[0.7, 0.1, 0.2]`
   */
  ratios?: SplitRatios | undefined
  /**
   * The rounding of sizes that are not integers. `'cut'` cuts n rows at ⌊n · train⌋ and
   * ⌊n · (train + validation)⌋. `'down'` rounds validation and test down, as RecBole does, and leaves the
   * rest to training.
   *
   * @defaultValue `'cut'`
   */
  rounding?: SplitRounding | undefined
  /**
   * The rows that are divided together. `'user'`: the history of one user, of which at least one row is
   * for training. `'global'`: all rows, at two moments, so that test may have users and items that
   * training does not have.
   *
   * @defaultValue `'user'`
   */
  scope?: 'user' | 'global' | undefined
  /**
   * The two moments at which all rows are cut, in the unit of the timestamps, in place of `ratios`.
   * Validation has the rows from the first moment on, test those from the second on. It needs
   * `scope: 'global'`.
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
    error: "expected scope: 'global' when at is given",
  })
  .refine(({ at, ratios }) => at === undefined || ratios === undefined, {
    path: ['at'],
    error: 'expected either ratios or at, not both',
  })

/**
 * Splits rows by time: training has the earliest rows, test the latest.
 *
 * Rows are sorted by timestamp, where equal times keep the order of the source, and n rows are cut at
 * ⌊train · n⌋ and ⌊(train + validation) · n⌋ in exact arithmetic. With `scope: 'user'` the parts keep the
 * order of the source; with `scope: 'global'` they are sorted by time.
 *
 * @example
 * ```ts
 * import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { train, validation, test } = temporalSplit(interactions)
 * console.log(train.userIndex.length, validation.userIndex.length, test.userIndex.length)
 * ```
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
