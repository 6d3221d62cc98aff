import { TimeSlice } from '../interactions/time-slice.js'
import type { SparseMatrix } from '../matrices/sparse-matrix.js'
import { parseOptions } from '../options.js'
import { sparseProducts } from './gram-operator.js'
import { panelRows, panelSvd, type TruncatedSvdOptions, truncatedSvdSchema } from './panel-svd.js'
import { createPanels } from './panels.js'

/** The leading singular values of a matrix a and their vectors: a ≈ u diag(s) vᵀ. */
export interface TruncatedSvd {
  /** Left singular vectors as columns [rows × rank], row-major. */
  readonly u: Float32Array
  /** Singular values, descending. */
  readonly s: Float64Array
  /** Right singular vectors as columns [columns × rank], row-major. */
  readonly v: Float32Array
  /**
   * The residual of each singular value: the norm of a v - σ u or aᵀ u - σ v, whichever is not exact,
   * computed in float64 before the vectors are rounded.
   */
  readonly residuals: Float64Array
}

/**
 * Computes the leading singular values and vectors of a sparse matrix, in float64 and without a dense
 * matrix of its size.
 *
 * The method is Chebyshev-filtered subspace iteration (Zhou and Saad 2007,
 * https://doi.org/10.1137/050630404) on aᵀa or aaᵀ, whichever is smaller. It also finds repeated singular
 * values. The largest entry of each vector on the shorter side is made positive, which fixes the signs.
 *
 * Memory: 2 (rank + oversampling) float64 numbers per row of the shorter side. Other work gets its turn
 * about every 30 ms. The same seed gives the same bytes.
 *
 * @throws InvalidOptionsError when an option is out of range, or the matrix has fewer than `rank`
 * singular values other than zero and `allowFewer` is not set
 * @throws OutOfMemoryError when the bases would take more than the memory of the machine
 * @throws NotConvergedError when the residuals are too large after `iterations` rounds
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts
 * import { SparseMatrix, truncatedSvd } from '@gnnrec/graph'
 *
 * const matrix = SparseMatrix.fromCoordinates({
 *   rows: 3,
 *   columns: 2,
 *   rowIndices: [0, 1, 2],
 *   columnIndices: [0, 1, 1],
 *   values: [2, 1, 1],
 * })
 * const { u, s, v } = await truncatedSvd(matrix, { rank: 1 })
 * console.log(s[0], u, v) // about 2, [1, 0, 0] and [1, 0]
 * ```
 */
export async function truncatedSvd(
  a: SparseMatrix,
  options: TruncatedSvdOptions,
): Promise<TruncatedSvd> {
  const { signal } = parseOptions('truncatedSvd', truncatedSvdSchema, options)
  const slice = new TimeSlice(signal)
  const { u, s, v, residuals } = await panelSvd(sparseProducts(a, slice), createPanels, options)
  return {
    u: panelRows(u, s.length, 0, u.rows),
    s,
    v: panelRows(v, s.length, 0, v.rows),
    residuals,
  }
}
