import {
  type Id,
  type InteractionTable,
  parseOptions,
  Rng,
  type Split,
  selectRows,
  splitRows,
} from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { rowsByUser } from '../tables/rows-by-user.js'
import { rowsWith } from '../tables/rows-with.js'
import { timeOrder } from '../tables/time-order.js'
import { type HoldOutOrder, heldOutParts } from './hold-out.js'
import { noPart, rowsOfParts } from './rows-of-parts.js'
import { seedSchema } from './seed-schema.js'
import { shuffle } from './shuffle.js'
import { cutPoints, ratiosSchema, type SplitRatios } from './split-ratios.js'

/** Options of {@link holdOutUsers}. */
export interface HoldOutUsersOptions {
  /**
   * The shares of the users for training, validation and test. They sum to 1.
   *
   * @defaultValue `[0.8, 0.1, 0.1]`
   */
  ratios?: SplitRatios | undefined
  /**
   * The order of the users before they are divided: `'random'`, or `'first-seen'`, which holds out the
   * users that appear last.
   *
   * @defaultValue `'random'`
   */
  order?: HoldOutOrder | undefined
  /**
   * The share of a held-out user's rows, from 0 to below 1, that a model may see before it recommends
   * (fold-in). These are the earliest rows, or random rows when there are no timestamps. At least one row
   * remains to be predicted.
   *
   * @defaultValue `0.8`
   */
  history?: number | undefined
  /**
   * The seed of the random order. The same seed and table give the same split.
   *
   * @defaultValue `0`
   */
  seed?: number | string | undefined
}

/** A split whose validation and test users do not occur in the training part. */
export interface NewUsersSplit<User extends Id = Id, Item extends Id = Id>
  extends Split<User, Item> {
  /** The rows of the held-out users that a model may see before it recommends. They are not for training. */
  readonly history: {
    readonly validation: InteractionTable<User, Item>
    readonly test: InteractionTable<User, Item>
  }
}

const schema = z.strictObject({
  ratios: ratiosSchema.default([0.8, 0.1, 0.1]),
  order: z.enum(['random', 'first-seen']).default('random'),
  history: z.number().min(0).lt(1).default(0.8),
  seed: seedSchema,
})

/** The marks of rows that are the history of validation or test users. */
const historyMarks = { validation: noPart, test: noPart + 1 } as const

/**
 * Splits a table by users, so that the test users are new. Papers call this strong generalization
 * (Marlin 2004; Liang et al., WWW 2018, https://doi.org/10.1145/3178876.3186150).
 *
 * @example
 * ```ts
 * import { holdOutUsers, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { train, test, history } = holdOutUsers(interactions, { history: 0.5 })
 * console.log(train.userIndex.length, history.test.userIndex.length, test.userIndex.length)
 * ```
 *
 * @throws InvalidInteractionsError when the table has no rows, no rows for training, or no timestamps
 * for `order: 'first-seen'`
 * @throws InvalidOptionsError
 */
export function holdOutUsers<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: HoldOutUsersOptions = {},
): NewUsersSplit<User, Item> {
  const owner = 'holdOutUsers'
  const settings = parseOptions(owner, schema, options)
  rejectEmpty(owner, table)
  const partOf = heldOutParts(owner, table, 'userIndex', settings)
  const { seed, history } = settings
  const rng = Rng.fromSeed(seed).fork('split').fork('history')
  const arrange = table.timestamp ? timeOrder(owner, table) : (own: Int32Array) => shuffle(own, rng)
  const part = Uint8Array.from(table.userIndex, (user) => partOf[user])
  const { pointers, rows } = rowsByUser(table)
  for (let user = 0; user < table.users.size; user++) {
    if (partOf[user] === 0) continue
    const own = rows.subarray(pointers[user], pointers[user + 1])
    arrange(own)
    const shown = Math.min(own.length - 1, cutPoints(own.length, [history, 0, 1 - history])[0])
    const mark = partOf[user] === 1 ? historyMarks.validation : historyMarks.test
    for (const row of own.subarray(0, shown)) part[row] = mark
  }
  const split = splitRows(table, rowsOfParts(part), { name: 'hold-out-users', settings })
  return {
    ...split,
    history: {
      validation: selectRows(table, rowsWith(part, historyMarks.validation)),
      test: selectRows(table, rowsWith(part, historyMarks.test)),
    },
  }
}
