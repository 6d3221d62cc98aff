import { opposite, sides } from '../operator/sides.js'
import { fillTable } from './filled-table.js'
import { bySide, type NodeIndices, type NodeTables, type NodeValues } from './node-tables.js'
import { type FilledRows, multiply, multiplyRows } from './product.js'
import type { PropagationWorkspace } from './workspace.js'

/**
 * The polynomial Z = Σ_l weights[l] · Âˡ · E on tables in files, to the same bytes as `graphFilter`, since the
 * order of operations is the same. Â is its own adjoint.
 */
export class BlockedGraphFilter {
  readonly #workspace: PropagationWorkspace
  readonly #weights: readonly number[]

  /** @param weights - weights by layer, at least two */
  constructor(workspace: PropagationWorkspace, weights: readonly number[]) {
    this.#workspace = workspace
    this.#weights = weights
  }

  /** Writes Z of all nodes to `out`. */
  async forward(tables: NodeTables, out: NodeTables, signal?: AbortSignal): Promise<void> {
    await this.#horner(tables, 0, { out, signal })
  }

  /** Computes Z of some nodes, as `graphFilterRows`. */
  async forwardRows(
    tables: NodeTables,
    rows: NodeIndices,
    signal?: AbortSignal,
  ): Promise<NodeValues> {
    const weights = this.#weights
    const { operator, ones } = this.#workspace
    const { cache, to, layout } = operator
    const { runtime } = cache
    const { x, scale } = await this.#horner(tables, 1, { signal })
    const results = { users: new Float32Array(), items: new Float32Array() }
    for (const side of sides) {
      const length = rows[side].length * layout.columns
      const numbers = runtime.allocate(8 * length)
      const base = numbers + 4 * length
      try {
        tables[side].gather(rows[side], runtime.float32(base, length))
        const options = { scale, base: { pointer: base, scale: weights[0] }, ones, signal }
        await multiplyRows(cache, to[side], x[opposite[side]], rows[side], numbers, options)
        results[side] = runtime.float32(numbers, length).slice()
      } finally {
        runtime.free(numbers)
      }
    }
    if (x !== tables) this.#workspace.giveBack(x)
    return results
  }

  /**
   * Computes the gradient of {@link forwardRows} in the tables.
   *
   * @param gradients - gradients in the values of {@link forwardRows}
   * @returns tables of the workspace, to be given back
   */
  async gradient(
    rows: NodeIndices,
    gradients: NodeValues,
    signal?: AbortSignal,
  ): Promise<NodeTables> {
    const { operator, flags, borrow, giveBack } = this.#workspace
    const base = borrow()
    try {
      const filled = bySide((side) =>
        fillTable(operator, base, side, rows[side], gradients[side], flags[side]),
      )
      return (await this.#horner(base, 0, { filled, signal })).x
    } finally {
      giveBack(base)
    }
  }

  /**
   * Applies Horner's rule from the last weight to that of layer `end`: acc ← weights[l] · E + Â acc. The first
   * product takes the last weight as its scale.
   */
  async #horner(
    base: NodeTables,
    end: number,
    {
      out,
      filled,
      signal,
    }: {
      readonly out?: NodeTables
      readonly filled?: Readonly<Record<'users' | 'items', FilledRows>>
      readonly signal?: AbortSignal | undefined
    },
  ): Promise<{ readonly x: NodeTables; readonly scale: number }> {
    const weights = this.#weights
    const { operator, ones, borrow, giveBack } = this.#workspace
    let x = base
    let scale = weights[weights.length - 1]
    for (let layer = weights.length - 2; layer >= end; layer--) {
      const next = layer === 0 && out ? out : borrow()
      for (const side of sides) {
        const from = opposite[side]
        await multiply(operator.cache, operator.to[side], x[from], next[side], {
          scale,
          base: { table: base[side], scale: weights[layer] },
          ones,
          signal,
          filled: x === base ? filled?.[from] : undefined,
        })
      }
      if (x !== base) giveBack(x)
      x = next
      scale = 1
    }
    return { x, scale }
  }
}
