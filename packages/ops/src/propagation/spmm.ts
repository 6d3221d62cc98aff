import type { SparseMatrix } from '@gnnrec/graph'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import { deviceMatrix } from '../kernels/device-matrix.js'
import { defineOp } from '../kernels/register-op.js'

const run = defineOp<{ matrix: SparseMatrix }>({
  name: 'GnnSpmm',
  forward: (kernels, backend, { x }, { matrix }) =>
    kernels.spmm(backend, deviceMatrix(matrix), x, 1),
  gradient: ([dy], _saved, { matrix }) => ({ x: () => spmm(matrix.transpose(), dy as Tensor2D) }),
})

/**
 * Multiplies a sparse matrix by a dense one, and is differentiable in the dense one.
 *
 * It takes 2·nonZeros·d operations. The gradient is the product with the transposed matrix. Each row is
 * summed in the order of its entries, so the result has the same bytes for any number of threads.
 *
 * @param matrix - [m, n]
 * @param x - [n, d], float32
 * @returns [m, d]
 * @throws ShapeMismatchError when `x` is not float32 with as many rows as the matrix has columns
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { SparseMatrix } from '@gnnrec/graph'
 * import { spmm, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const matrix = SparseMatrix.fromCoordinates({
 *   rows: 2,
 *   columns: 3,
 *   rowIndices: [0, 1],
 *   columnIndices: [2, 0],
 *   values: [1, 2],
 * })
 * console.log(await spmm(matrix, tf.tensor2d([1, 10, 100], [3, 1])).data()) // [ 100, 2 ]
 * ```
 */
export function spmm(matrix: SparseMatrix, x: Tensor2D): Tensor2D {
  checkTensor('spmm', x, 'float32', [matrix.columns, 'd'])
  // Made outside of the kernel, so that TensorFlow.js's scopes do not free the tensors of the matrix.
  deviceMatrix(matrix)
  return run({ x }, { matrix })[0] as Tensor2D
}
