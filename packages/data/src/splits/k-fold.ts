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
import { rowsByUser } from '../tables/rows-by-user.js'
import { rowsOfParts } from './rows-of-parts.js'
import { seedSchema } from './seed-schema.js'
import { shuffle } from './shuffle.js'

/** Options of {@link kFold}. */
export interface KFoldOptions {
  /**
   * The number of folds: 3 or more, or 2 without validation.
   *
   * @defaultValue `5`
   */
  folds?: number | undefined
  /**
   * The rows that are dealt to the folds together. `'user'`: the rows of one user, of which at least one
   * stays in training. `'global'`: all rows.
   *
   * @defaultValue `'user'`
   */
  scope?: 'user' | 'global' | undefined
  /**
   * True when the fold after the test fold is the validation part. Otherwise that part is empty.
   *
   * @defaultValue `true`
   */
  validation?: boolean | undefined
  /**
   * The seed of the shuffle. The same seed and table give the same splits.
   *
   * @defaultValue `0`
   */
  seed?: number | string | undefined
}

const schema = z
  .strictObject({
    folds: z.int().min(2).default(5),
    scope: z.enum(['user', 'global']).default('user'),
    validation: z.boolean().default(true),
    seed: seedSchema,
  })
  .refine(({ folds, validation }) => folds > 2 || !validation, {
    path: ['folds'],
    error: 'expected 3 or more, or validation: false',
  })

/**
 * Returns the splits of a cross-validation, one for each fold. Split f tests on fold f, validates on the
 * next fold (on the first for the last) and trains on the others. Every row is a test row exactly once,
 * except rows that stay in training because their user would have none there.
 *
 * @example
 * ```ts
 * import { kFold, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const splits = kFold(interactions, { folds: 3 })
 * console.log(splits.map(({ test }) => test.userIndex.length))
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows, or a split has none for training
 * @throws InvalidOptionsError
 */
export function kFold<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: KFoldOptions = {},
): Split<User, Item>[] {
  const { folds, scope, validation, seed } = parseOptions('kFold', schema, options)
  rejectEmpty('kFold', table)
  const rng = Rng.fromSeed(seed).fork('split')
  const { pointers, rows } = rowsByUser(table)
  const foldOf = new Int32Array(rows.length)
  const deal = (own: Int32Array, start: number): void => {
    shuffle(own, rng)
    for (let place = 0; place < own.length; place++) foldOf[own[place]] = (start + place) % folds
  }
  if (scope === 'global') deal(Int32Array.from(rows.keys()), 0)
  else {
    // The next user continues at the fold where the last one ended, so that folds have equal sizes.
    for (let user = 0; user < table.users.size; user++) {
      deal(rows.subarray(pointers[user], pointers[user + 1]), pointers[user] % folds)
    }
  }
  return Array.from({ length: folds }, (_, fold) => {
    const part = Uint8Array.from(foldOf, (own) => {
      if (own === fold) return 2
      return validation && own === (fold + 1) % folds ? 1 : 0
    })
    if (scope === 'user') keepOneInTraining(part, rows, pointers)
    const settings = { folds, fold, scope, validation, seed }
    return splitRows(table, rowsOfParts(part), { name: 'k-fold', settings })
  })
}

/** Moves the validation rows, or else the test rows, of users without training rows to training. */
function keepOneInTraining(part: Uint8Array, rows: Int32Array, pointers: Int32Array): void {
  for (let user = 0; user + 1 < pointers.length; user++) {
    const own = rows.subarray(pointers[user], pointers[user + 1])
    if (own.length === 0 || own.some((row) => part[row] === 0)) continue
    const moved = own.some((row) => part[row] === 1) ? 1 : 2
    for (const row of own) if (part[row] === moved) part[row] = 0
  }
}
