import type { RankedRows } from '@gnnrec/graph'
import { type ProductRule, type RowProducts, rankRowByRow, type TableRows } from './row-products.js'
import { scaleAndShift } from './score-shift.js'

/** Rows whose products plain JavaScript computes, to the same bytes as the kernels. */
export class PlainRows implements RowProducts {
  readonly count: number
  readonly dim: number
  readonly #rows: Float32Array

  /** @param rows - row-major, `count × dim`; they are kept, not copied */
  constructor(rows: Float32Array, dim: number) {
    this.count = rows.length / dim
    this.dim = dim
    this.#rows = rows
  }

  score({ table, indices }: TableRows, out: Float32Array): void {
    const { count, dim } = this
    const rows = this.#rows
    const { fround } = Math
    for (let row = 0; row < indices.length; row++) {
      const user = table.subarray(indices[row] * dim, (indices[row] + 1) * dim)
      let at = 0
      for (let item = 0; item < count; item++) {
        let sum = 0
        for (let d = 0; d < dim; d++) sum = fround(sum + fround(user[d] * rows[at++]))
        out[row * count + item] = sum
      }
    }
  }

  rank(
    { table, indices }: TableRows,
    k: number,
    excludeOf: (place: number) => Int32Array,
    { scale, shift }: ProductRule = { scale: 1 },
  ): RankedRows | undefined {
    const scores = new Float32Array(this.count)
    const scoreRow = (place: number) => {
      this.score({ table, indices: indices.subarray(place, place + 1) }, scores)
      scaleAndShift(scores, scores.length, undefined, { scale, bias: shift })
    }
    return rankRowByRow(indices.length, k, scores, scoreRow, excludeOf)
  }

  free(): void {}
}
