import {
  type BipartiteGraph,
  type Id,
  type InteractionLists,
  InvalidOptionsError,
  NonFiniteError,
  parseOptions,
} from '@gnnrec/graph'
import type { Recommendation } from '@gnnrec/serving'
import { makeRecommendation, usersPerBlock } from '@gnnrec/serving/model-folder'
import * as z from 'zod'
import type { BlockedRanker } from './blocked-ranker.js'

/** Options of {@link OutOfCoreModel.recommendAll}. */
export interface OutOfCoreRecommendOptions {
  /** Length of each list, 1 to the number of items. @defaultValue 10, or all when fewer */
  readonly k?: number
  /** True to leave out the training items of each user. @defaultValue true */
  readonly excludeSeen?: boolean
  /** Ids of the users to recommend to, in this order. @defaultValue all users, by ascending id */
  readonly users?: readonly Id[]
  /**
   * Number of users of one block, an integer from 1 up; the items are read from files once for each block.
   *
   * @defaultValue 1024, or fewer when their lists would take more than 64 MB
   */
  readonly blockSize?: number
  /** Ends the work with its reason as error. */
  readonly signal?: AbortSignal
}

const schema = z.strictObject({
  k: z.int().min(1).optional(),
  excludeSeen: z.boolean().default(true),
  users: z.custom<readonly Id[]>((value) => Array.isArray(value)).optional(),
  blockSize: z.int().min(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** Checks the options, and makes an iterator of blocks of lists. */
export function recommendAll(
  { users: ids, items, interactions }: BipartiteGraph,
  ranker: () => Promise<BlockedRanker>,
  options: OutOfCoreRecommendOptions,
): AsyncGenerator<Recommendation<Id, Id>[], void, undefined> {
  const parsed = parseOptions('recommendAll', schema, options)
  const { k = Math.min(10, items.size), excludeSeen, users, blockSize: wantedSize, signal } = parsed
  if (k > items.size) {
    throw new InvalidOptionsError(
      `Invalid options for recommendAll:\n  - k: got ${k}; expected at most ${items.size}, the number of items`,
    )
  }
  const asked = users
    ? Int32Array.from(users, (id) => ids.indexOf(id))
    : Int32Array.from({ length: ids.size }, (_, user) => user)
  const nothing = (): InteractionLists => {
    return { pointers: new Int32Array(ids.size + 1), items: new Int32Array() }
  }
  const exclude = excludeSeen ? interactions : nothing()
  const blockSize = wantedSize ?? usersPerBlock(k, 1024)
  return (async function* () {
    const blocked = await ranker()
    for (let start = 0; start < asked.length; start += blockSize) {
      const block = asked.subarray(start, start + blockSize)
      const ranked = await blocked.rank(block, k, exclude, signal)
      if (!ranked) throw new NonFiniteError('A score is NaN; the model has diverged.')
      const parts = { users: ids, items, cold: blocked.cold }
      yield Array.from(block, (user, row) => {
        const [from, to] = [row * k, row * k + ranked.lengths[row]]
        return makeRecommendation(
          parts,
          user,
          ranked.items.subarray(from, to),
          ranked.scores.subarray(from, to),
        )
      })
    }
  })()
}
