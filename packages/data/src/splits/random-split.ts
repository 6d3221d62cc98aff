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
   * The rows that are divided together. `'user'`: the rows of one user, of which at least one is for
   * training. `'global'`: all rows, so that some users may have no training row.
   *
   * @defaultValue `'user'`
   */
  scope?: 'user' | 'global' | undefined
  /**
   * The seed of the shuffle. The same seed and table give the same split.
   *
   * @defaultValue `0`
   */
  seed?: number | string | undefined
}

const schema = z.strictObject({
  ratios: ratiosSchema.default([...defaultRatios]),
  rounding: roundingSchema,
  scope: z.enum(['user', 'global']).default('user'),
  seed: seedSchema,
})

/**
 * Splits rows at random: they are shuffled and then divided as in {@link temporalSplit}. The parts keep
 * the order of the source.
 *
 * @example
 * ```ts
 * import { loadMovieTweetings, randomSplit } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { train, test } = randomSplit(interactions, { ratios: [0.8, 0.1, 0.1], seed: 7 })
 * console.log(train.userIndex.length, test.userIndex.length)
 * ```
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
