import {
  type Id,
  type InteractionTable,
  parseOptions,
  Rng,
  type Split,
  splitRows,
} from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { seedSchema } from './seed-schema.js'
import { shuffle } from './shuffle.js'
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

/** Options of {@link randomSplit}. */
export interface RandomSplitOptions {
  /** Parts for training, validation and test. Default `[0.7, 0.1, 0.2]`. */
  ratios?: SplitRatios | undefined
  /** What becomes of rows that do not divide. Default `'cut'`. */
  rounding?: SplitRounding | undefined
  /**
   * `'user'`: cut every user's own rows, at least one of them for training. `'global'`: cut all rows
   * together, so that some users may have no row in training. Default `'user'`.
   */
  scope?: 'user' | 'global' | undefined
  /** The same seed and table give the same split. Default 0. */
  seed?: number | string | undefined
}

const schema = z.strictObject({
  ratios: ratiosSchema.default([...defaultRatios]),
  rounding: roundingSchema,
  scope: z.enum(['user', 'global']).default('user'),
  seed: seedSchema,
})

/**
 * Cuts rows at random: shuffled, then cut as {@link temporalSplit} cuts. The parts keep the order of
 * the source.
 *
 * @throws InvalidInteractionsError when the table has no rows, or none for training
 * @throws InvalidOptionsError
 */
export function randomSplit<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: RandomSplitOptions = {},
): Split<User, Item> {
  const { ratios, rounding, scope, seed } = parseOptions('randomSplit', schema, options)
  rejectEmpty('randomSplit', table)
  const rng = Rng.fromSeed(seed).fork('split')
  const method = { name: 'random', settings: { scope, ratios, rounding, seed } }
  if (scope === 'user') {
    return splitByUser(
      table,
      (rows) => shuffle(rows, rng),
      (rows) => userCutPoints(rows, ratios, rounding),
      method,
    )
  }
  const rows = Int32Array.from(table.userIndex, (_, row) => row)
  shuffle(rows, rng)
  const [trainEnd, validationEnd] = cutPoints(rows.length, ratios, rounding)
  return splitRows(
    table,
    {
      train: rows.subarray(0, trainEnd).sort(),
      validation: rows.subarray(trainEnd, validationEnd).sort(),
      test: rows.subarray(validationEnd).sort(),
    },
    method,
  )
}
