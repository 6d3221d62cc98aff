import {
  type Id,
  type InteractionTable,
  interactionLists,
  parseOptions,
  Rng,
  type Split,
} from '@gnnrec/graph'
import * as z from 'zod'
import { rejectEmpty } from '../tables/keep-rows.js'
import { timeOrder } from '../tables/time-order.js'
import { DistinctNegatives } from './distinct-negatives.js'
import { leaveLastOutCuts } from './leave-last-out.js'
import { seedSchema } from './seed-schema.js'
import { shuffle } from './shuffle.js'
import { splitByUser } from './split-by-user.js'

/** Options of {@link leaveOneOut}. */
export interface LeaveOneOutOptions {
  /** Which row of each user is held out: the last by time, or a random one. Default `'last'`. */
  select?: 'last' | 'random' | undefined
  /** Whether a second row goes into validation; otherwise that part is empty. Default `true`. */
  validation?: boolean | undefined
  /** Items drawn for each user to be ranked with the one held out, 1 and up. Default 99. */
  negatives?: number | undefined
  /**
   * How they are drawn from the items that the user has in no part: all alike, or in proportion to
   * their rows in training. Default `'uniform'`.
   */
  distribution?: 'uniform' | 'popularity' | undefined
  /** The same seed and table give the same split and negatives. Default 0. */
  seed?: number | string | undefined
}

/** A split with the items that are to be ranked for each user. */
export interface LeaveOneOutSplit<User extends Id = Id, Item extends Id = Id> {
  readonly split: Split<User, Item>
  /**
   * For every user with a held-out row that item first, then the negatives: what `candidates` of
   * `evaluate` takes.
   */
  readonly candidates: {
    readonly validation: ReadonlyMap<User, readonly Item[]>
    readonly test: ReadonlyMap<User, readonly Item[]>
  }
}

const schema = z.strictObject({
  select: z.enum(['last', 'random']).default('last'),
  validation: z.boolean().default(true),
  negatives: z.int().min(1).default(99),
  distribution: z.enum(['uniform', 'popularity']).default('uniform'),
  seed: seedSchema,
})

/**
 * Holds one row of every user out for testing and one for validation, and draws negatives to rank with
 * each: the protocol of NCF (He et al., WWW 2017, https://doi.org/10.1145/3038912.3052569).
 *
 * Rankings among drawn items order models otherwise than full rankings do (Krichene and Rendle, KDD 2020,
 * https://doi.org/10.1145/3394486.3403226); use it to compare with papers that did so, and
 * {@link leaveLastOut} with a full ranking else.
 *
 * @throws InvalidInteractionsError when the table has no rows, or no timestamps for `select: 'last'`
 * @throws InvalidOptionsError
 */
export function leaveOneOut<User extends Id, Item extends Id>(
  table: InteractionTable<User, Item>,
  options: LeaveOneOutOptions = {},
): LeaveOneOutSplit<User, Item> {
  const owner = 'leaveOneOut'
  const settings = parseOptions(owner, schema, options)
  const { select, validation, negatives, distribution, seed } = settings
  rejectEmpty(owner, table)
  const root = Rng.fromSeed(seed)
  const rng = root.fork('split')
  const arrange =
    select === 'last' ? timeOrder(owner, table) : (rows: Int32Array) => shuffle(rows, rng)
  const method = {
    name: 'leave-one-out',
    settings: { select, validation, ...(select === 'random' && { seed }) },
  }
  const split = splitByUser(table, arrange, leaveLastOutCuts(validation), method)
  const weights = new Float64Array(table.items.size)
  if (distribution === 'uniform') weights.fill(1)
  else for (const item of split.train.itemIndex) weights[item]++
  const drawn = new DistinctNegatives(weights, root.fork('negatives'))
  const { pointers, items } = interactionLists(table)
  const candidatesOf = (part: InteractionTable<User, Item>, block: number) => {
    const candidates = new Map<User, readonly Item[]>()
    for (let row = 0; row < part.userIndex.length; row++) {
      const user = part.userIndex[row]
      const met = new Set(items.subarray(pointers[user], pointers[user + 1]))
      const others = drawn.draw(user, block, negatives, met)
      const list = [part.itemIndex[row], ...others].map((item) => table.items.idOf(item))
      candidates.set(table.users.idOf(user), list)
    }
    return candidates
  }
  return {
    split,
    candidates: {
      validation: candidatesOf(split.validation, 0),
      test: candidatesOf(split.test, 1),
    },
  }
}
