import { join } from 'node:path'
import {
  type InteractionLists,
  NonFiniteError,
  parseOptions,
  type RankedRows,
  sizeLimits,
} from '@gnnrec/graph'
import { defaultRuntime, refusePromise } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { BlockCache, type CacheStatistics } from './cache/block-cache.js'
import { BlockTable, type RowRange } from './cache/block-table.js'
import { MemoryLimitError } from './errors.js'
import { makeEmptyFolder, removeFolder } from './files/folders.js'
import { closedError } from './files/system-error.js'
import { layoutFor, smallestCapacity } from './operator/block-layout.js'
import { bySide, closeTables, type NodeTables } from './propagation/node-tables.js'
import { BlockedRanker } from './serving/blocked-ranker.js'
import { OpenedOnce } from './serving/opened-once.js'

/** Options of {@link OutOfCoreRanker.open}. */
export interface OutOfCoreRankerOptions {
  /** Number of users, an integer >= 1. */
  readonly userCount: number
  /** Number of items, an integer >= 1. */
  readonly itemCount: number
  /** Length of an embedding, an integer in 1..16384. */
  readonly embeddingDim: number
  /** Kind of the scores: dot products or cosines. @defaultValue 'dot' */
  readonly similarity?: 'dot' | 'cosine'
  /** Path of the folder for the tables. */
  readonly folder: string
  /** Bytes that blocks of the tables may take; the scores of a piece of the items take some 10 MB besides. */
  readonly maxMemory: number
}

/** Settings of {@link OutOfCoreRanker.rank}. */
interface RankSettings {
  /** Length of the lists, an integer in 1..itemCount. */
  readonly k: number
  /** Lists of items to leave out, by user index, ascending. @defaultValue none */
  readonly exclude?: InteractionLists
  /** Ends the work, with its reason as the error. */
  readonly signal?: AbortSignal
}

const schema = z.strictObject({
  userCount: z.int().min(1),
  itemCount: z.int().min(1),
  embeddingDim: z.int().min(1).max(sizeLimits.embeddingDim),
  similarity: z.enum(['dot', 'cosine']).default('dot'),
  folder: z.string().min(1),
  maxMemory: z.int().positive(),
})

/** Largest part of kernel memory for blocks, which leaves room for tensors. */
const mostCapacity = 3 * 2 ** 30

/**
 * A ranker by embeddings of any size in files: it finds the best items of users, to the same bytes as
 * `EmbeddingRecommender`. {@link close} removes the tables.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { OutOfCoreRanker } from '@gnnrec/out-of-core'
 *
 * const ranker = OutOfCoreRanker.open({
 *   userCount: 1,
 *   itemCount: 3,
 *   embeddingDim: 2,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 10_000_000,
 * })
 * ranker.fill('users', (_rows, values) => values.set([1, 2]))
 * ranker.fill('items', (_rows, values) => values.set([1, 0, 0, 1, 1, 1]))
 * const { items } = await ranker.rank(Int32Array.of(0), { k: 2 })
 * console.log(items) // items 2 and 1, whose scores are 3 and 2
 * ranker.close()
 * ```
 */
export class OutOfCoreRanker {
  readonly #options: z.output<typeof schema>
  readonly #cache: BlockCache
  readonly #tables: NodeTables
  readonly #ranker: OpenedOnce<BlockedRanker>
  #isClosed = false

  private constructor(options: z.output<typeof schema>, cache: BlockCache, tables: NodeTables) {
    this.#options = options
    this.#cache = cache
    this.#tables = tables
    const { folder, similarity } = options
    this.#ranker = new OpenedOnce(
      () =>
        BlockedRanker.open({
          cache,
          folder: workFolder(folder),
          tables,
          rule: { similarity, scale: 1 },
          itemBias: undefined,
          seen: undefined,
        }),
      (ranker) => ranker.close(),
    )
  }

  /**
   * Makes tables of zeros for the embeddings.
   *
   * @throws InvalidOptionsError when an option is misspelt or out of range
   * @throws MemoryLimitError when `maxMemory` cannot be met, with the smallest that could
   * @throws BlockFileError when a file cannot be used
   */
  static open(options: OutOfCoreRankerOptions): OutOfCoreRanker {
    const parsed = parseOptions('OutOfCoreRanker', schema, options)
    const { userCount, itemCount, embeddingDim, folder, maxMemory } = parsed
    // There are no tiles whose rows could be too short.
    const sizes = { userCount, itemCount, edgeCount: Infinity, columns: embeddingDim }
    const smallest = smallestCapacity(sizes)
    if (maxMemory < smallest) {
      throw new MemoryLimitError(
        `maxMemory: got ${maxMemory} bytes; the smallest that could do is ${smallest}.`,
        smallest,
      )
    }
    const capacity = Math.min(maxMemory, mostCapacity)
    const { columns, blockRows } = layoutFor(sizes, capacity)
    const work = workFolder(folder)
    makeEmptyFolder(work)
    const cache = new BlockCache(defaultRuntime(), capacity)
    const made: BlockTable[] = []
    try {
      const tables = bySide((side) => {
        const rows = side === 'users' ? userCount : itemCount
        const shape = { rows, columns, blockRows: blockRows[side] }
        const path = join(work, `${side}.table`)
        const table = BlockTable.create(cache, path, shape, side)
        made.push(table)
        return table
      })
      return new OutOfCoreRanker(parsed, cache, tables)
    } catch (error) {
      for (const table of made) table.close()
      cache.dispose()
      removeFolder(work)
      throw error
    }
  }

  /** Bytes read from and written to files so far. */
  get statistics(): CacheStatistics {
    return this.#cache.statistics
  }

  /**
   * Fills the embeddings of a side block by block.
   *
   * @param write - fills the given array with the values of rows first..first + count - 1, row-major; the array is
   * valid until it returns
   */
  fill(side: 'users' | 'items', write: (rows: RowRange, values: Float32Array) => void): void {
    // Panels are copies of the items, and made again when they are next asked for.
    if (side === 'items') void this.#ranker.close()
    const table = this.#tables[side]
    for (let block = 0; block < table.blockCount; block++) {
      table.withValues(block, 'write', (values) =>
        refusePromise('write', write(table.rowsOf(block), values)),
      )
    }
  }

  /**
   * Finds the best items of some users; of equal scores the lower index comes first. Each item is read once for all
   * of the users: when items do not stay in memory, a thousand users at a time are much faster than one.
   *
   * @param users - indices in 0..userCount-1
   * @throws InvalidOptionsError when `k` or a user is out of range
   * @throws ShapeMismatchError when `exclude` does not fit the users and items
   * @throws NonFiniteError when a score is NaN, or one in the lists is infinite
   */
  async rank(users: Int32Array, { k, exclude, signal }: RankSettings): Promise<RankedRows> {
    const { userCount } = this.#options
    if (this.#isClosed) throw closedError()
    const ranker = await this.#ranker.get()
    const nothing = { pointers: new Int32Array(userCount + 1), items: new Int32Array() }
    const found = await ranker.rank(users, k, exclude ?? nothing, signal)
    if (!found) {
      throw new NonFiniteError('A score is NaN; the embeddings hold NaN or infinite numbers.')
    }
    checkScores(found, users)
    return found
  }

  /** Frees memory and removes the tables. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    void this.#ranker.close()
    closeTables(this.#tables)
    this.#cache.dispose()
    removeFolder(workFolder(this.#options.folder))
  }
}

/** @throws NonFiniteError when a list begins or ends with an infinite score */
function checkScores({ k, scores, lengths }: RankedRows, users: Int32Array): void {
  for (let row = 0; row < lengths.length; row++) {
    if (lengths[row] === 0) continue
    const ends = [scores[row * k], scores[row * k + lengths[row] - 1]]
    const infinite = ends.find((score) => !Number.isFinite(score))
    if (infinite === undefined) continue
    throw new NonFiniteError(
      `A score of user index ${users[row]} is ${infinite}; the numbers of the embeddings are too large to be multiplied.`,
    )
  }
}

const workFolder = (folder: string) => join(folder, 'work')
