import { TimeSlice } from '@gnnrec/graph'
import { rowGrain } from '@gnnrec/graph/kernels'
import type { BlockUse } from '../cache/block-cache.js'
import type { BlockTable } from '../cache/block-table.js'
import type { BlockedOperator } from '../operator/blocked-operator.js'
import { opposite, sides } from '../operator/sides.js'
import { fillTable } from './filled-table.js'
import { bySide, type NodeIndices, type NodeTables, type NodeValues } from './node-tables.js'
import { multiply } from './product.js'
import type { PropagationWorkspace } from './workspace.js'

/** Least product of two norms that a cosine is divided by, as in `cosineRefine` of `@gnnrec/ops`. */
export const cosineFloor = 1e-8

/** Results of the forward pass that the gradient needs. */
interface Kept {
  readonly embeddings: NodeTables
  /** Products by layer. */
  readonly products: readonly NodeTables[]
}

/**
 * The sum of the layers of LayerGCN on tables in files, to the same bytes as `cosineRefine`. A product is
 * computed in blocks. Then the kernel of the operator in memory runs on each block, with an identity as its
 * matrix: that leaves the product unchanged (0 + 1 · y; a product is never -0), and does the rest.
 */
export class BlockedCosineRefine {
  readonly #workspace: PropagationWorkspace
  readonly #layers: number
  #kept: Kept | undefined

  constructor(workspace: PropagationWorkspace, layers: number) {
    this.#workspace = workspace
    this.#layers = layers
  }

  /** Writes the sum of the layers of all nodes to `out`. */
  async forward(
    operator: BlockedOperator,
    tables: NodeTables,
    out: NodeTables,
    signal?: AbortSignal,
  ): Promise<void> {
    const { borrow, giveBack } = this.#workspace
    const products = borrow()
    await this.#refine(operator, tables, { sum: out, productsOf: () => products, signal })
    giveBack(products)
  }

  /** Computes the sums of some nodes, and keeps the products of all layers for {@link gradient}. */
  async forwardRows(
    operator: BlockedOperator,
    tables: NodeTables,
    rows: NodeIndices,
    signal?: AbortSignal,
  ): Promise<NodeValues> {
    const { borrow, giveBack } = this.#workspace
    this.forget()
    const products = Array.from({ length: this.#layers }, borrow)
    this.#kept = { embeddings: tables, products }
    const sum = borrow()
    await this.#refine(operator, tables, { sum, productsOf: (layer) => products[layer], signal })
    const values = bySide((side) => {
      const found = new Float32Array(rows[side].length * sum[side].shape.columns)
      sum[side].gather(rows[side], found)
      return found
    })
    giveBack(sum)
    return values
  }

  /**
   * Computes the gradient of {@link forwardRows} in the tables.
   *
   * @returns tables of the workspace, to be given back
   */
  async gradient(
    operator: BlockedOperator,
    rows: NodeIndices,
    gradients: NodeValues,
    signal?: AbortSignal,
  ): Promise<NodeTables> {
    const { borrow, giveBack, flags, ones, iota } = this.#workspace
    const { embeddings, products } = this.#kept as Kept
    const { cache, to } = operator
    const [dSum, dE] = [borrow(), borrow()]
    for (const side of sides) {
      fillTable(operator, dSum, side, rows[side], gradients[side], flags[side])
    }
    let dProducts: NodeTables | undefined
    for (let layer = this.#layers - 1; layer >= 0; layer--) {
      const next = dProducts
      dProducts = borrow()
      for (const side of sides) {
        const table = dProducts[side]
        if (next)
          await multiply(cache, to[side], next[opposite[side]], table, { scale: 1, ones, signal })
        await this.#rows(
          [
            [dSum[side], 'read'],
            [embeddings[side], 'read'],
            [products[layer][side], 'read'],
            [table, next ? 'change' : 'write'],
            [dE[side], next ? 'change' : 'write'],
          ],
          (count, [dSumAt, e, y, d, dEAt]) => {
            const matrix = next ? ([iota, iota, ones, d] as const) : ([0, 0, 0, 0] as const)
            const { columns: width } = table.shape
            cache.runtime.run(
              ...(['cosineRefineGradient', count, rowGrain(4 * width)] as const),
              ...([...matrix, dSumAt, e, y, d, dEAt, width, cosineFloor] as const),
            )
          },
          signal,
        )
      }
      if (next) giveBack(next)
    }
    const last = dProducts as NodeTables
    const result = borrow()
    for (const side of sides) {
      const base = { table: dE[side], scale: 1 }
      const options = { scale: 1, base, ones, signal }
      await multiply(cache, to[side], last[opposite[side]], result[side], options)
    }
    for (const tables of [last, dSum, dE]) giveBack(tables)
    this.forget()
    return result
  }

  /** Gives back the tables that are kept for a gradient. */
  forget(): void {
    for (const tables of this.#kept?.products ?? []) this.#workspace.giveBack(tables)
    this.#kept = undefined
  }

  async #refine(
    operator: BlockedOperator,
    embeddings: NodeTables,
    {
      sum,
      productsOf,
      signal,
    }: {
      readonly sum: NodeTables
      readonly productsOf: (layer: number) => NodeTables
      readonly signal: AbortSignal | undefined
    },
  ): Promise<void> {
    const { borrow, giveBack, ones, iota } = this.#workspace
    const { cache, to } = operator
    let x = embeddings
    for (let layer = 0; layer < this.#layers; layer++) {
      // The last layer is needed only as a part of the sum.
      const refined = layer === this.#layers - 1 ? undefined : borrow()
      const products = productsOf(layer)
      for (const side of sides) {
        await multiply(cache, to[side], x[opposite[side]], products[side], {
          scale: 1,
          ones,
          signal,
        })
        await this.#rows(
          [
            [embeddings[side], 'read'],
            [products[side], 'change'],
            [sum[side], layer === 0 ? 'write' : 'change'],
            ...(refined ? [[refined[side], 'write'] as const] : []),
          ],
          (count, [e, y, sumAt, refinedAt = 0]) => {
            const { columns: width } = sum[side].shape
            const before = layer === 0 ? 0 : sumAt
            cache.runtime.run(
              ...(['cosineRefine', count, rowGrain(4 * width)] as const),
              ...([iota, iota, ones, y, e, y, refinedAt, before, sumAt] as const),
              ...([width, cosineFloor] as const),
            )
          },
          signal,
        )
      }
      if (x !== embeddings) giveBack(x)
      x = refined ?? embeddings
    }
  }

  /** Calls `work` with each block of rows of some tables. */
  async #rows(
    wanted: readonly (readonly [table: BlockTable, use: BlockUse])[],
    compute: (count: number, pointers: number[]) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { cache } = this.#workspace.operator
    const [[table]] = wanted
    const slice = new TimeSlice(signal)
    for (let block = 0; block < table.blockCount; block++) {
      const held = wanted.map(([each, use]) => [each, block, use] as const)
      cache.with(held, (...pointers) => {
        compute(table.rowsOf(block).count, pointers)
      })
      if (slice.isOver()) await slice.next()
    }
  }
}
