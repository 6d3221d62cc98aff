import type { Tensor2D } from '@tensorflow/tfjs-core'
import { ShapeMismatchError } from '../errors.js'
import type { SparseMatrix } from '../sparse-matrix.js'
import { deviceMatrix } from './kernels/device-matrix.js'
import { defineOp } from './kernels/register-op.js'

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
 * @throws ShapeMismatchError when `x` has another number of rows than the matrix has columns
 */
export function spmm(matrix: SparseMatrix, x: Tensor2D): Tensor2D {
  checkRows('spmm', matrix, x)
  // Tensors of the matrix are made outside the kernel, where tfjs's scopes leave them alone.
  deviceMatrix(matrix)
  return run({ x }, { matrix })[0] as Tensor2D
}

/** @throws ShapeMismatchError when matrix · x is not defined */
export function checkRows(owner: string, matrix: SparseMatrix, x: Tensor2D): void {
  if (x.shape.length === 2 && x.shape[0] === matrix.columns) return
  throw new ShapeMismatchError(
    `${owner}: got a matrix of ${matrix.rows} × ${matrix.columns} and a tensor of shape [${x.shape.join(', ')}]; expected [${matrix.columns}, d].`,
  )
}
