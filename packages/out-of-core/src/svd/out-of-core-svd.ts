import { join } from 'node:path'
import { type InteractionLists, InvalidOptionsError, type TruncatedSvdOptions } from '@gnnrec/graph'
import { panels, refusePromise } from '@gnnrec/graph/kernels'
import type { RowRange } from '../cache/block-table.js'
import { MemoryLimitError } from '../errors.js'
import { makeEmptyFolder, removeFolder } from '../files/folders.js'
import { openTiles } from '../operator/blocked-operator.js'
import { type Side, sides } from '../operator/sides.js'
import { refusedListWeights } from '../weights-refused.js'
import { PanelFile, panelRowBytes } from './panel-file.js'
import { tileProducts } from './tile-products.js'

/** Options of {@link OutOfCoreSvd.compute}: those of `truncatedSvd`, the interactions, and a folder. */
export interface OutOfCoreSvdOptions extends TruncatedSvdOptions {
  /** Number of users. */
  readonly userCount: number
  /** Number of items. */
  readonly itemCount: number
  /** Lists of each user's distinct items, ascending. */
  readonly interactions: InteractionLists
  /** Number added to degrees in the normalization, >= 0: `degreeRegularization` of `SvdGcn`. @defaultValue 0 */
  readonly regularization?: number
  /** Path of the folder for the blocks of the graph and the vectors. */
  readonly folder: string
  /** Bytes that the computation may take besides the interactions. */
  readonly maxMemory: number
}

/** Panels in memory at once, of the shorter side and of the longer. */
const shortPanels = 4
const longPanels = 2
/** Rows of all panels of two matrices that are read at once. */
const windowRows = 2 * 8192
const leastChunk = 2 ** 20
const mostChunk = 2 ** 24
/** Rows of vectors that {@link OutOfCoreSvd.read} reads at a time. */
const readRows = 65_536

/**
 * The leading singular values and vectors of the normalized interactions (D_u + α)^{-1/2} R (D_i + α)^{-1/2}, with
 * matrix and vectors in files. The bytes are those of `truncatedSvd` of `@gnnrec/graph` on `graph.biadjacency`.
 * `SvdGcn` is made of these vectors.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { OutOfCoreSvd } from '@gnnrec/out-of-core'
 *
 * const svd = await OutOfCoreSvd.compute({
 *   userCount: 3,
 *   itemCount: 3,
 *   interactions: { pointers: Int32Array.of(0, 2, 3, 4), items: Int32Array.of(0, 1, 1, 2) },
 *   rank: 2,
 *   folder: await mkdtemp(join(tmpdir(), 'gnnrec-')),
 *   maxMemory: 10_000_000,
 * })
 * console.log(svd.singularValues)
 * svd.read('users', (rows, values) => console.log(rows, values))
 * svd.close()
 * ```
 */
export class OutOfCoreSvd {
  /** Singular values, descending. */
  readonly singularValues: Float64Array
  /** Residuals of the equations by singular value, as in `truncatedSvd`. */
  readonly residuals: Float64Array
  /** Number of products of 8 columns with the matrix or its transpose that were computed. */
  readonly products: number
  readonly #vectors: panels.PanelSvd
  readonly #close: () => void

  private constructor(vectors: panels.PanelSvd, products: number, close: () => void) {
    this.singularValues = vectors.s
    this.residuals = vectors.residuals
    this.products = products
    this.#vectors = vectors
    this.#close = close
  }

  /**
   * Computes the leading singular values and vectors.
   *
   * @throws InvalidOptionsError, NotConvergedError and the signal's reason as `truncatedSvd`
   * @throws MemoryLimitError when `maxMemory` cannot be met, with the smallest that could
   * @throws BlockFileError, BlockFileMismatchError, DiskFullError as `OutOfCoreFilter.open`
   */
  static async compute(options: OutOfCoreSvdOptions): Promise<OutOfCoreSvd> {
    const {
      userCount,
      itemCount,
      interactions,
      regularization = 0,
      folder,
      maxMemory,
      ...svd
    } = options
    if (interactions.pointers.length !== userCount + 1 || !(regularization >= 0)) {
      throw new InvalidOptionsError(
        `OutOfCoreSvd: got ${interactions.pointers.length} pointers for ${userCount} users and regularization ${regularization}; expected one more pointer than users, and a number >= 0.`,
      )
    }
    if (interactions.weights) {
      throw new InvalidOptionsError(`OutOfCoreSvd: interactions: ${refusedListWeights}.`)
    }
    const [shorter, longer] = [Math.min(userCount, itemCount), Math.max(userCount, itemCount)]
    // A wrong rank is refused below, with the other options.
    const rank = Number.isInteger(svd.rank) ? svd.rank : 1
    const { oversampling = Math.max(10, Math.ceil(rank / 4)) } = svd
    const panelCount = Math.ceil((rank + oversampling) / 8)
    const windows = Math.min(shorter, windowRows) * panelCount
    const numbers = shortPanels * shorter + longPanels * longer + windows
    const besides = numbers * panelRowBytes
    const smallest = besides + Math.max(leastChunk, 8 + 8 * longer)
    if (!(maxMemory >= smallest)) {
      throw new MemoryLimitError(
        `maxMemory: got ${maxMemory} bytes; the smallest that could do is ${smallest}, for panels of 8 columns of ${userCount} users and ${itemCount} items.`,
        smallest,
      )
    }
    const work = join(folder, 'work')
    makeEmptyFolder(work)
    const closers: (() => void)[] = []
    const close = () => {
      if (closers.length === 0) return
      for (const each of closers.splice(0).reverse()) each()
      removeFolder(work)
    }
    try {
      const layout = {
        blockRows: { users: userCount, items: itemCount },
        chunkBytes: Math.min(mostChunk, maxMemory - besides),
      }
      const graph = { userCount, itemCount, interactions }
      const files = { folder: join(folder, 'graph'), signal: svd.signal }
      const to = await openTiles(graph, layout, files, regularization)
      closers.push(() => {
        for (const side of sides) to[side].file.close()
      })
      let made = 0
      const create = (rows: number, columns: number) => {
        const file = PanelFile.create(join(work, `vectors-${made++}.panels`), rows, columns)
        closers.push(() => file.close())
        return file
      }
      let products = 0
      const matrix = tileProducts(to, svd.signal, () => products++)
      const vectors = await panels.panelSvd(matrix, create, svd)
      return new OutOfCoreSvd(vectors, products, close)
    } catch (error) {
      close()
      throw error
    }
  }

  /**
   * Reads singular vectors, rounded to float32, some rows at a time.
   *
   * @param visit - called with rows first..first + count - 1, row-major with a column for each singular value
   */
  read(side: Side, visit: (rows: RowRange, values: Float32Array) => void): void {
    const matrix = side === 'users' ? this.#vectors.u : this.#vectors.v
    for (let first = 0; first < matrix.rows; first += readRows) {
      const end = Math.min(first + readRows, matrix.rows)
      const values = panels.panelRows(matrix, this.singularValues.length, first, end)
      refusePromise('visit', visit({ first, count: end - first }, values))
    }
  }

  /** Removes the vectors; the blocks of the graph stay. */
  close(): void {
    this.#close()
  }
}
