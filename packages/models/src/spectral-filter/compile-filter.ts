import { type Id, parseOptions, Rng, TimeSlice } from '@gnnrec/graph'
import { drawSample } from '@gnnrec/graph/kernels'
import { ItemSimilarityRecommender, type SpectralFilterRecommender } from '@gnnrec/serving'
import * as z from 'zod/mini'
import { largestEntries } from '../neighbours/largest-entries.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'

/** Options of `SpectralFilter.compile`. */
export interface CompileFilterOptions {
  /**
   * Most items that each item leads to, an integer from 1 up.
   *
   * @defaultValue 200
   */
  neighbours?: number
  /**
   * Number of users, an integer from 1 up, on whom the overlap of lists is measured; all when there are fewer.
   *
   * @defaultValue 1000
   */
  sampleUsers?: number
  /** The seed of the sample. @defaultValue 0 */
  seed?: number | string
  /** A signal that ends the work early, with its reason as the error. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  neighbours: z._default(z.int().check(z.gte(1)), 200),
  sampleUsers: z._default(z.int().check(z.gte(1)), 1000),
  seed: z._default(
    z.union([z.number(), z.string()], { error: 'expected a number or a string' }),
    0,
  ),
  signal: z.optional(z.instanceof(AbortSignal, { error: 'expected an AbortSignal' })),
})

type CompileSettings = z.output<typeof schema>

/** @throws InvalidOptionsError when an option is misspelt or out of range */
export function resolveCompileOptions(options: CompileFilterOptions): CompileSettings {
  return parseOptions('compile', schema, options)
}

/** Length of the lists that are compared. */
const listLength = 20
/** Number of items whose histories are scored at a time. */
const itemsPerBlock = 64
/** Bytes of an entry of the weights while they are put together. */
const bytesPerEntry = 16

type CompileParts<User extends Id, Item extends Id> = Pick<
  SpectralFilterRecommender<User, Item>,
  'users' | 'items' | 'seen' | 'origin'
> & { readonly memoryLimitBytes: number }

/** Makes weights between items of a filter, which scores a history by the sum of the scores of its items. */
export async function compileFilter<User extends Id, Item extends Id>(
  exact: SpectralFilterRecommender<User, Item>,
  { users, items, seen, origin, memoryLimitBytes }: CompileParts<User, Item>,
  { neighbours, sampleUsers, seed, signal }: CompileSettings,
): Promise<ItemSimilarityRecommender<User, Item>> {
  const kept = Math.min(neighbours, exact.itemCount)
  checkMemory(exact.itemCount, kept, memoryLimitBytes)
  const slice = new TimeSlice(signal)
  const weights = await itemWeights(exact, kept, slice)
  const compiled = (facts: object) =>
    new ItemSimilarityRecommender<User, Item>({
      users,
      items,
      seen,
      weights,
      origin: { ...origin, options: { ...origin.options, compiled: facts } },
    })
  const sample = sampleOf(seen.pointers, sampleUsers, seed)
  const ids = Array.from(sample, (user) => users.idOf(user))
  const overlap = await meanOverlap(exact, compiled({}), ids, signal)
  return compiled({ neighbours, listLength, users: sample.length, overlap })
}

function checkMemory(items: number, neighbours: number, limit: number): void {
  const bytes = bytesPerEntry * items * neighbours + 4 * itemsPerBlock * items
  if (bytes <= limit) return
  throw new ModelTooLargeError(
    `compile needs ${bytes} bytes for ${neighbours} neighbours of ${items} items; memoryLimitBytes is ${limit}. Take fewer neighbours, or raise memoryLimitBytes if there is the memory.`,
  )
}

function itemWeights(exact: SpectralFilterRecommender, neighbours: number, slice: TimeSlice) {
  const { itemCount } = exact
  const columns = Int32Array.from({ length: itemCount }, (_, item) => item)
  const block = new Float32Array(Math.min(itemsPerBlock, itemCount) * itemCount)
  const rowOf = (item: number) => {
    const place = item % itemsPerBlock
    if (place === 0) {
      const count = Math.min(itemsPerBlock, itemCount - item)
      const pointers = Int32Array.from({ length: count + 1 }, (_, row) => row)
      exact.scoreHistories({ pointers, items: columns.subarray(item, item + count) }, block)
    }
    const values = block.subarray(place * itemCount, (place + 1) * itemCount)
    // Its own score would not help to find other items.
    values[item] = 0
    return { columns, values }
  }
  const rows = { order: itemCount, rowOf, mostOf: () => itemCount - 1 }
  const kept = { neighbours, model: 'spectral-filter', nodes: 'items' as const }
  return largestEntries(rows, kept, slice)
}

/** Draws users with a history, ascending. */
function sampleOf(pointers: Int32Array, count: number, seed: number | string): Int32Array {
  const users = Int32Array.from({ length: pointers.length - 1 }, (_, user) => user)
  const active = users.filter((user) => pointers[user + 1] > pointers[user])
  return drawSample(active, count, Rng.fromSeed(seed).fork('compile'))
}

/** Returns the mean share of the items of exact lists that compiled lists have, too; null without any list. */
async function meanOverlap<User extends Id, Item extends Id>(
  exact: SpectralFilterRecommender<User, Item>,
  compiled: ItemSimilarityRecommender<User, Item>,
  users: readonly User[],
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const options = { users, k: Math.min(listLength, exact.itemCount), signal }
  const others = compiled.recommendAll(options)
  let sum = 0
  let count = 0
  for await (const lists of exact.recommendAll(options)) {
    const { value: compiledLists } = await others.next()
    lists.forEach(({ items }, place) => {
      if (items.length === 0) return
      const other = new Set(compiledLists?.[place]?.items)
      sum += items.filter((item) => other.has(item)).length / items.length
      count++
    })
  }
  return count === 0 ? null : sum / count
}
