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
 * Sparse matrix times dense matrix, differentiable in the dense one.
 *
 * Cost 2·nonZeros·d. The gradient is the product with the transposed matrix. Each row is summed in
 * the order of its entries, so the result has the same bytes for any number of threads.
 *
 * @param matrix - [m, n]
 * @param x - [n, d], float32
 * @returns [m, d]
 * @throws ShapeMismatchError when `x` is not float32 with as many rows as the matrix has columns
 * @throws BackendUnavailableError when the active backend has no graph kernels
 */
export function spmm(matrix: SparseMatrix, x: Tensor2D): Tensor2D {
  checkTensor('spmm', x, 'float32', [matrix.columns, 'd'])
  // Tensors of the matrix are made outside the kernel, where tfjs's scopes leave them alone.
  deviceMatrix(matrix)
  return run({ x }, { matrix })[0] as Tensor2D
}
