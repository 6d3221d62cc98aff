import { join } from 'node:path'
import { type InteractionLists, InvalidOptionsError, parseOptions, sizeLimits } from '@gnnrec/graph'
import { defaultRuntime, refusePromise } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { BlockCache, type CacheStatistics } from './cache/block-cache.js'
import type { RowRange } from './cache/block-table.js'
import { MemoryLimitError } from './errors.js'
import { makeEmptyFolder, removeFolder } from './files/folders.js'
import { layoutFor, smallestCapacity } from './operator/block-layout.js'
import { openOperator } from './operator/blocked-operator.js'
import { BlockedGraphFilter } from './propagation/graph-filter.js'
import { closeTables, createTables, type NodeTables } from './propagation/node-tables.js'
import { openWorkspace, type PropagationWorkspace } from './propagation/workspace.js'
import { unweightedListsSchema } from './weights-refused.js'

/** Options of {@link OutOfCoreFilter.open}. */
export interface OutOfCoreFilterOptions {
  /** Number of users, an integer >= 1. */
  readonly userCount: number
  /** Number of items, an integer >= 1. */
  readonly itemCount: number
  /** Lists of each user's distinct items, ascending. */
  readonly interactions: InteractionLists
  /** Length of an embedding, an integer in 1..16384. */
  readonly embeddingDim: number
  /** Path of the folder for the blocks of the graph and the tables. */
  readonly folder: string
  /** Bytes that blocks may take, and 8 to 16 bytes for each node besides. */
  readonly maxMemory: number
  /** Ends the making of the graph's blocks, with its reason as the error. */
  readonly signal?: AbortSignal
}

const schema = z.strictObject({
  userCount: z.int().min(1),
  itemCount: z.int().min(1),
  interactions: unweightedListsSchema,
  embeddingDim: z.int().min(1).max(sizeLimits.embeddingDim),
  folder: z.string().min(1),
  maxMemory: z.int().positive(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** Largest part of kernel memory for blocks, which leaves room for tensors. */
const mostCapacity = 3 * 2 ** 30

/**
 * The polynomial Z = Σ_l weights[l] · Âˡ · E on tables of any size in files, to the same bytes as `graphFilter` of
 * `@gnnrec/ops`. The blocks of the graph are made once for a folder; {@link close} removes the tables.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { OutOfCoreFilter } from '@gnnrec/out-of-core'
 *
 * const filter = await OutOfCoreFilter.open({
 *   userCount: 2,
 *   itemCount: 2,
 *   // User 0 has both items, user 1 has item 1.
 *   interactions: { pointers: Int32Array.of(0, 2, 3), items: Int32Array.of(0, 1, 1) },
 *   embeddingDim: 4,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 10_000_000,
 * })
 * filter.fill('users', (_rows, values) => values.fill(1))
 * filter.fill('items', (_rows, values) => values.fill(2))
 * await filter.run([0.5, 0.5])
 * filter.read('users', ({ first, count }, values) => console.log(first, count, values[0]))
 * filter.close()
 * ```
 */
export class OutOfCoreFilter {
  readonly #cache: BlockCache
  readonly #workspace: PropagationWorkspace
  readonly #input: NodeTables
  readonly #output: NodeTables
  readonly #close: () => void

  private constructor(parts: {
    readonly cache: BlockCache
    readonly workspace: PropagationWorkspace
    readonly input: NodeTables
    readonly output: NodeTables
    readonly close: () => void
  }) {
    this.#cache = parts.cache
    this.#workspace = parts.workspace
    this.#input = parts.input
    this.#output = parts.output
    this.#close = parts.close
  }

  /**
   * Makes the blocks of a graph, or opens them, and tables of zeros.
   *
   * @throws InvalidOptionsError when an option is misspelt or out of range
   * @throws MemoryLimitError when `maxMemory` cannot be met, with the smallest that could
   * @throws BlockFileMismatchError when the folder has the blocks of another graph
   * @throws BlockFileError when a file is damaged or cannot be used
   * @throws DiskFullError when there is no room
   */
  static async open(options: OutOfCoreFilterOptions): Promise<OutOfCoreFilter> {
    const parsed = parseOptions('OutOfCoreFilter', schema, options)
    const { userCount, itemCount, interactions, embeddingDim, folder, maxMemory, signal } = parsed
    if (interactions.pointers.length !== userCount + 1) {
      throw new InvalidOptionsError(
        `interactions: got ${interactions.pointers.length} pointers; expected ${userCount + 1} for ${userCount} users.`,
      )
    }
    const edgeCount = interactions.items.length
    const sizes = { userCount, itemCount, edgeCount, columns: embeddingDim }
    const besides = 4 * (userCount + itemCount + 2 * Math.max(userCount, itemCount))
    const smallest = besides + smallestCapacity(sizes)
    if (maxMemory < smallest) {
      throw new MemoryLimitError(
        `maxMemory: got ${maxMemory} bytes; the smallest that could do is ${smallest}.`,
        smallest,
      )
    }
    const capacity = Math.min(maxMemory - besides, mostCapacity)
    const work = join(folder, 'work')
    makeEmptyFolder(work)
    const cache = new BlockCache(defaultRuntime(), capacity)
    const closers: (() => void)[] = [() => cache.dispose()]
    const close = () => {
      if (closers.length === 0) return
      for (const each of closers.splice(0).reverse()) each()
      removeFolder(work)
    }
    try {
      const graph = { userCount, itemCount, interactions }
      const layout = layoutFor(sizes, capacity)
      const files = { folder: join(folder, 'graph'), signal }
      const operator = await openOperator(cache, graph, layout, files)
      closers.push(() => operator.close())
      const workspace = openWorkspace(operator, work)
      closers.push(() => workspace.close())
      const input = createTables(operator, work, 'input')
      closers.push(() => closeTables(input))
      const output = createTables(operator, work, 'output')
      closers.push(() => closeTables(output))
      return new OutOfCoreFilter({ cache, workspace, input, output, close })
    } catch (error) {
      close()
      throw error
    }
  }

  /** Bytes read from and written to files so far. */
  get statistics(): CacheStatistics {
    return this.#cache.statistics
  }

  /**
   * Fills E block by block.
   *
   * @param write - fills the given array with the values of rows first..first + count - 1, row-major; the array is
   * valid until it returns
   */
  fill(side: 'users' | 'items', write: (rows: RowRange, values: Float32Array) => void): void {
    const table = this.#input[side]
    for (let block = 0; block < table.blockCount; block++) {
      table.withValues(block, 'write', (values) =>
        refusePromise('write', write(table.rowsOf(block), values)),
      )
    }
  }

  /**
   * Computes Z.
   *
   * @param weights - weights by layer, at least two, finite
   * @throws the reason of `signal` once it is aborted
   */
  async run(weights: readonly number[], signal?: AbortSignal): Promise<void> {
    const bad = weights.findIndex((weight) => !Number.isFinite(weight))
    if (weights.length < 2 || bad >= 0) {
      const got = bad < 0 ? `[${weights.join(', ')}]` : `weights[${bad}] = ${weights[bad]}`
      throw new InvalidOptionsError(
        `weights: got ${got}; expected at least 2, for the values themselves and one step, all finite.`,
      )
    }
    const filter = new BlockedGraphFilter(this.#workspace, weights)
    await filter.forward(this.#input, this.#output, signal)
  }

  /** Calls `visit` with each block of Z; the array is valid until it returns. */
  read(side: 'users' | 'items', visit: (rows: RowRange, values: Float32Array) => void): void {
    const table = this.#output[side]
    for (let block = 0; block < table.blockCount; block++) {
      table.withValues(block, 'read', (values) =>
        refusePromise('visit', visit(table.rowsOf(block), values)),
      )
    }
  }

  /** Frees memory and removes the tables; the graph's blocks stay. */
  close(): void {
    this.#close()
  }
}
