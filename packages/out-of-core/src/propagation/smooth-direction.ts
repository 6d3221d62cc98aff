import type { BipartiteGraph } from '@gnnrec/graph'
import { rowGrain } from '@gnnrec/graph/kernels'
import type { BlockedOperator } from '../operator/blocked-operator.js'
import { type Side, sides } from '../operator/sides.js'
import { bySide, type NodeTables } from './node-tables.js'
import type { PropagationWorkspace } from './workspace.js'

/** Number of stretches that sums over all nodes are computed in, as in `Dgr`. */
const stretchCount = 64

/**
 * The sum x + weight · v vᵀx on tables in files, where v = √d / √(2·edges) is the smooth direction of a graph.
 * It adds in the order of `Dgr`, and so gives the same bytes.
 */
export class BlockedSmoothDirection {
  readonly #workspace: PropagationWorkspace
  readonly #stretch: Readonly<Record<Side, number>>
  /** Addresses of v by side, of as many zeros as a block has rows, and of the sums of stretches. */
  readonly #numbers: Readonly<Record<Side, number>>
  readonly #zeros: number
  readonly #pointers: number
  readonly #sums: number

  constructor(
    workspace: PropagationWorkspace,
    { userDegrees, itemDegrees, edgeCount }: BipartiteGraph,
  ) {
    const { operator } = workspace
    const { cache, layout } = operator
    const { runtime } = cache
    this.#workspace = workspace
    const degrees = { users: userDegrees, items: itemDegrees }
    this.#stretch = bySide((side) => Math.ceil(degrees[side].length / stretchCount))
    this.#numbers = bySide((side) => {
      const own = degrees[side]
      const pointer = runtime.allocate(4 * own.length)
      const values = runtime.float32(pointer, own.length)
      for (let row = 0; row < own.length; row++) values[row] = Math.sqrt(own[row] / (2 * edgeCount))
      return pointer
    })
    const blockRows = Math.max(layout.blockRows.users, layout.blockRows.items)
    this.#zeros = runtime.allocate(4 * blockRows)
    runtime.int32(this.#zeros, blockRows).fill(0)
    this.#pointers = runtime.allocate(4 * (stretchCount + 1))
    this.#sums = runtime.allocate(4 * stretchCount * layout.columns)
  }

  /** Computes weight · vᵀx over all nodes, float32 [columns]. */
  along(x: NodeTables, weight: number): Float32Array {
    return this.#total(x).map((sum) => sum * Math.fround(weight))
  }

  /** Computes {@link along} for the gradient: each stretch is weighted before it is added. */
  alongBack(x: NodeTables, weight: number): Float32Array {
    return this.#total(x, weight)
  }

  /** Computes out = x + v · along; `out` may be `x`. */
  add(x: NodeTables, along: Float32Array, out: NodeTables): void {
    const { operator, iota } = this.#workspace
    const { cache, layout } = operator
    const { runtime } = cache
    const { columns } = layout
    const row = runtime.allocate(4 * columns)
    try {
      runtime.float32(row, columns).set(along)
      for (const side of sides) {
        const table = x[side]
        for (let block = 0; block < table.blockCount; block++) {
          const { first, count } = table.rowsOf(block)
          const isInPlace = out[side] === table
          cache.with(
            [
              [table, block, isInPlace ? 'change' : 'read'],
              ...(isInPlace ? [] : [[out[side], block, 'write'] as const]),
            ],
            (from, to = from) => {
              const values = this.#numbers[side] + 4 * first
              const given = [iota, this.#zeros, values, row, to, columns, 1, from, 1] as const
              runtime.run('spmm', count, rowGrain(2 * columns), ...given, 0, 0, 0, 0)
            },
          )
        }
      }
    } finally {
      runtime.free(row)
    }
  }

  /** Frees kernel memory. */
  close(): void {
    const { users, items } = this.#numbers
    const { runtime } = this.#workspace.operator.cache
    for (const at of [users, items, this.#zeros, this.#pointers, this.#sums]) runtime.free(at)
  }

  #total(x: NodeTables, weight?: number): Float32Array {
    const { columns } = this.#workspace.operator.layout
    const [users, items] = sides.map((side) => this.#stretches(x, side))
    const total = new Float32Array(columns)
    for (let place = 0; place < users.length; place++) {
      const sum = Math.fround(users[place] + items[place])
      total[place % columns] += weight === undefined ? sum : Math.fround(sum * Math.fround(weight))
    }
    return total
  }

  /** Computes sums of v_n · x_n by stretches of a side, [stretchCount, columns]. */
  #stretches(x: NodeTables, side: Side): Float32Array {
    const { operator, iota, ones } = this.#workspace
    const { cache, layout } = operator as BlockedOperator
    const { runtime } = cache
    const { columns } = layout
    const table = x[side]
    const length = stretchCount * columns
    for (let block = 0; block < table.blockCount; block++) {
      const { first, count } = table.rowsOf(block)
      const pointers = runtime.int32(this.#pointers, stretchCount + 1)
      for (let stretch = 0; stretch <= stretchCount; stretch++) {
        pointers[stretch] = Math.min(Math.max(stretch * this.#stretch[side] - first, 0), count)
      }
      cache.with([[table, block, 'read']], (from) => {
        const values = this.#numbers[side] + 4 * first
        const matrix = [this.#pointers, iota, values, from, this.#sums, columns, 1, 0, 0] as const
        const before = block === 0 ? ([0, 0] as const) : ([ones, this.#sums] as const)
        runtime.run('spmm', stretchCount, 4, ...matrix, ...before, 0, 0)
      })
    }
    return runtime.float32(this.#sums, length).slice()
  }
}
