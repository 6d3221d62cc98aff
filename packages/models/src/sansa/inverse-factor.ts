import { type BipartiteGraph, InvalidOptionsError, type TimeSlice } from '@gnnrec/graph'
import { gramDiagonal } from '../neighbours/product-rows.js'
import type { FactorPattern, ItemOrder } from './factor-pattern.js'
import { gatherCounts, type JointCounts } from './joint-counts.js'
import { solveSymmetric } from './solve-symmetric.js'

/** An approximate inverse `Wᵀ D⁻¹ W` of a symmetric matrix, with a lower triangular W that has ones on its diagonal. */
export interface InverseFactor {
  /** The places of the entries of W below its diagonal. */
  readonly pattern: FactorPattern
  /** The entry of W at each place. */
  readonly values: Float64Array
  /** The diagonal of D. */
  readonly diagonal: Float64Array
}

/**
 * Computes the factor W of a given pattern that minimizes `‖I - W L‖` for the Cholesky factor L of
 * `A = RᵀR + l2Weight I`, without L: row i of W holds minus the weights of the ridge regression of item i on the items
 * of the row, and D_i is what the regression leaves (Kolotilina and Yeremin, SIAM J. Matrix Anal. Appl. 14, 1993).
 *
 * @throws InvalidOptionsError when `l2Weight` is too small for float64 to tell A from a singular matrix
 */
export async function inverseFactor(
  graph: BipartiteGraph,
  { items }: ItemOrder,
  pattern: FactorPattern,
  counts: JointCounts,
  l2Weight: number,
  slice: TimeSlice,
): Promise<InverseFactor> {
  const { pointers, columns } = pattern
  const squares = gramDiagonal(graph)
  const values = new Float64Array(pointers[items.length])
  const diagonal = new Float64Array(items.length)
  const longest = longestRow(pointers)
  const room = new Float64Array(longest * longest)
  for (let row = 0; row < items.length; row++) {
    if (slice.isOver()) await slice.next()
    const start = pointers[row]
    const end = pointers[row + 1]
    const chosen = columns.subarray(start, end)
    const weights = values.subarray(start, end)
    weights.set(pattern.counts.subarray(start, end))
    gatherCounts(counts, chosen, room)
    for (let place = 0; place < chosen.length; place++) {
      room[place * chosen.length + place] = squares[items[chosen[place]]] + l2Weight
    }
    const isSolved = solveSymmetric(room, chosen.length, weights, l2Weight / 2)
    let left = squares[items[row]] + l2Weight
    for (let place = 0; place < chosen.length; place++) {
      left -= weights[place] * pattern.counts[start + place]
      weights[place] = -weights[place]
    }
    // Without rounding, nothing is below the smallest eigenvalue.
    if (!isSolved || !(left > l2Weight / 2)) throw lostInRounding(l2Weight)
    diagonal[row] = left
  }
  return { pattern, values, diagonal }
}

function longestRow(pointers: Int32Array): number {
  let longest = 0
  for (let row = 0; row + 1 < pointers.length; row++) {
    longest = Math.max(longest, pointers[row + 1] - pointers[row])
  }
  return longest
}

function lostInRounding(l2Weight: number): InvalidOptionsError {
  return new InvalidOptionsError(
    `Invalid options for sansa:\n  - l2Weight: got ${l2Weight}, which is lost in rounding beside the counts of this graph, so that their matrix is not positive definite; expected a larger weight, such as 1 and up.`,
  )
}
