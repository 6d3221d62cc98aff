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
  /** Parts of the users for training, validation and test. Default `[0.8, 0.1, 0.1]`. */
  ratios?: SplitRatios | undefined
  /** `'random'`, or `'first-seen'`: the users that appear last are held out. Default `'random'`. */
  order?: HoldOutOrder | undefined
  /**
   * The share of a held-out user's rows, 0 to below 1, that a model may be shown when it is asked
   * (fold-in): the earliest where there are timestamps, else at random. At least one row stays to be
   * predicted. Default 0.8.
   */
  history?: number | undefined
  /** The same seed and table give the same split. Default 0. */
  seed?: number | string | undefined
}

/** A split whose validation and test users are not in training. */
export interface NewUsersSplit<User extends Id = Id, Item extends Id = Id>
  extends Split<User, Item> {
  /** Rows of the held-out users that may be shown to the model when it is asked; never for training. */
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

/** What marks the history of the validation and of the test users. */
const historyMarks = { validation: noPart, test: noPart + 1 } as const

/**
 * Tests on users that training has never seen, as papers on strong generalisation do (Marlin 2004;
 * Liang et al., WWW 2018, https://doi.org/10.1145/3178876.3186150): each user is in one part.
 *
 * @throws InvalidInteractionsError when the table has no rows, none for training, or no timestamps
 * where they decide
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
