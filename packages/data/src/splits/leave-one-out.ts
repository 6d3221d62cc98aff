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
  /**
   * The row of each user that is held out: the last by time, or a random one.
   *
   * @defaultValue `'last'`
   */
  select?: 'last' | 'random' | undefined
  /**
   * True when a second row of every user goes into validation. Otherwise that part is empty.
   *
   * @defaultValue `true`
   */
  validation?: boolean | undefined
  /**
   * The number of items, 1 or more, that are drawn for each user and ranked with the held-out item.
   *
   * @defaultValue `99`
   */
  negatives?: number | undefined
  /**
   * The probability with which an item is drawn from the items that the user has in no part: equal for
   * all, or in proportion to its number of training rows.
   *
   * @defaultValue `'uniform'`
   */
  distribution?: 'uniform' | 'popularity' | undefined
  /**
   * The seed of all draws. The same seed and table give the same split and negatives.
   *
   * @defaultValue `0`
   */
  seed?: number | string | undefined
}

/** A split together with the items to rank for each user. */
export interface LeaveOneOutSplit<User extends Id = Id, Item extends Id = Id> {
  /** The split. */
  readonly split: Split<User, Item>
  /**
   * The items to rank for every user with a held-out row: first the held-out item, then the negatives.
   * Pass them to `evaluate` as `candidates`.
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
 * Holds out one row of every user for testing and one for validation, and draws items that the user does
 * not have, to rank them with the held-out one. This is the protocol of NCF (He et al., WWW 2017,
 * https://doi.org/10.1145/3038912.3052569).
 *
 * A ranking among drawn items can order models differently from a full ranking (Krichene and Rendle,
 * KDD 2020, https://doi.org/10.1145/3394486.3403226). Use it to compare with papers that rank so;
 * otherwise prefer {@link leaveLastOut} with a full ranking.
 *
 * @example
 * ```ts
 * import { leaveOneOut, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions } = await loadMovieTweetings()
 * const { split, candidates } = leaveOneOut(interactions, { negatives: 3 })
 * console.log(split.method.name, [...candidates.test].slice(0, 2))
 * ```
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
