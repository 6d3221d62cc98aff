import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { checkAlike, checkTensor } from '../checks.js'
import { defineOp } from '../kernels/register-op.js'

const runScatter = defineOp<{ rowCount: number }>({
  name: 'GnnScatterAddRows',
  inputsToSave: ['indices'],
  forward: (kernels, backend, { rows, indices }, { rowCount }) =>
    kernels.scatterAddRows(backend, rows, indices, rowCount),
  gradient: ([dy], [indices]) => ({
    rows: () => gatherRows(dy as Tensor2D, indices as Tensor1D),
    indices: () => tf.zerosLike(indices),
  }),
})

const runGather = defineOp<{ rowCount: number }>({
  name: 'GnnGatherRows',
  inputsToSave: ['indices'],
  forward: (kernels, backend, { table, indices }) => kernels.gatherRows(backend, table, indices),
  gradient: ([dy], [indices], { rowCount }) => ({
    table: () => scatterAddRows(dy as Tensor2D, indices as Tensor1D, rowCount),
    indices: () => tf.zerosLike(indices),
  }),
})

const runGatherPair = defineOp<{ rowCount: number }>({
  name: 'GnnGatherRowsPair',
  inputsToSave: ['first', 'second'],
  forward: (kernels, backend, { table, first, second }) => [
    kernels.gatherRows(backend, table, first),
    kernels.gatherRows(backend, table, second),
  ],
  gradient: ([firstDy, secondDy], [first, second], { rowCount }) => ({
    table: () => {
      const rows = tf.concat([firstDy as Tensor2D, secondDy as Tensor2D])
      const indices = tf.concat([first as Tensor1D, second as Tensor1D])
      return scatterAddRows(rows, indices, rowCount)
    },
    first: () => tf.zerosLike(first),
    second: () => tf.zerosLike(second),
  }),
})

const runScale = defineOp<object>({
  name: 'GnnScaleRows',
  inputsToSave: ['scales', 'x'],
  forward: (kernels, backend, { scales, x }) => kernels.scaleRows(backend, scales, x),
  gradient: ([dy], [scales, x]) => ({
    scales: () => rowDot(dy as Tensor2D, x as Tensor2D),
    x: () => scaleRows(scales as Tensor1D, dy as Tensor2D),
  }),
})

const runDot = defineOp<object>({
  name: 'GnnRowDot',
  inputsToSave: ['a', 'b'],
  forward: (kernels, backend, { a, b }) => kernels.rowDot(backend, a, b),
  gradient: ([dy], [a, b]) => ({
    a: () => scaleRows(dy as Tensor1D, b as Tensor2D),
    b: () => scaleRows(dy as Tensor1D, a as Tensor2D),
  }),
})

/**
 * Gathers rows of a table. The gradient sums repeated rows in ascending k, with the same bytes for any
 * number of threads.
 *
 * @param table - [n, d], float32
 * @param indices - [k], int32, each in 0..n-1
 * @returns [k, d]
 * @throws ShapeMismatchError when a type or rank is wrong
 * @throws InvalidOptionsError when an index is out of range
 * @example
 * ```ts
 * import { gatherRows, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const table = tf.tensor2d([1, 2, 3, 4], [2, 2])
 * console.log(await gatherRows(table, tf.tensor1d([1, 0, 1], 'int32')).data()) // [ 3, 4, 1, 2, 3, 4 ]
 * ```
 */
export function gatherRows(table: Tensor2D, indices: Tensor1D): Tensor2D {
  checkTensor('gatherRows', table, 'float32', ['n', 'd'])
  checkTensor('gatherRows (indices)', indices, 'int32', ['k'])
  return runGather({ table, indices }, { rowCount: table.shape[0] })[0] as Tensor2D
}

/**
 * Gathers rows twice from one table, as {@link gatherRows} does. The gradient is one table instead of a sum
 * of two, which is faster.
 *
 * @param table - [n, d], float32
 * @param first - [k], int32, each in 0..n-1
 * @param second - [m], int32, each in 0..n-1
 * @returns [k, d] and [m, d]
 * @throws ShapeMismatchError when a type or rank is wrong
 * @throws InvalidOptionsError when an index is out of range
 * @example
 * ```ts
 * import { gatherRowsPair, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const items = tf.tensor2d([1, 2, 3, 4], [2, 2])
 * const indices = (place: number) => tf.tensor1d([place], 'int32')
 * const [positives, negatives] = gatherRowsPair(items, indices(0), indices(1))
 * console.log(await positives.data(), await negatives.data()) // [ 1, 2 ] [ 3, 4 ]
 * ```
 */
export function gatherRowsPair(
  table: Tensor2D,
  first: Tensor1D,
  second: Tensor1D,
): [Tensor2D, Tensor2D] {
  checkTensor('gatherRowsPair', table, 'float32', ['n', 'd'])
  for (const indices of [first, second]) {
    checkTensor('gatherRowsPair (indices)', indices, 'int32', ['k'])
  }
  return runGatherPair({ table, first, second }, { rowCount: table.shape[0] }) as [
    Tensor2D,
    Tensor2D,
  ]
}

/**
 * Adds rows to a table of zeros, in ascending order of rows; the reverse of {@link gatherRows}.
 *
 * @param rows - [k, d], float32
 * @param indices - [k], int32: the row of the table for each of `rows`. Rows with an index outside of
 * 0..rowCount-1 are dropped, as in `tf.unsortedSegmentSum`; for a gradient all must be inside.
 * @param rowCount - rows of the table
 * @returns [rowCount, d]
 * @throws ShapeMismatchError when a type or rank is wrong, or there is not one index for each row
 * @example
 * ```ts
 * import { scatterAddRows, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const rows = tf.tensor2d([1, 2, 3], [3, 1])
 * console.log(await scatterAddRows(rows, tf.tensor1d([0, 2, 0], 'int32'), 3).data()) // [ 4, 0, 2 ]
 * ```
 */
export function scatterAddRows(rows: Tensor2D, indices: Tensor1D, rowCount: number): Tensor2D {
  checkTensor('scatterAddRows', rows, 'float32', ['k', 'd'])
  checkTensor('scatterAddRows (indices)', indices, 'int32', [rows.shape[0]])
  return runScatter({ rows, indices }, { rowCount })[0] as Tensor2D
}

/**
 * Computes the dot products of rows: out[r] = Σ_c a[r, c] · b[r, c].
 *
 * @param a - [n, d], float32
 * @param b - [n, d], float32
 * @returns [n]
 * @throws ShapeMismatchError when the two are not float32 matrices of one shape
 * @example
 * ```ts
 * import { rowDot, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const a = tf.tensor2d([1, 2, 3, 4], [2, 2])
 * console.log(await rowDot(a, a).data()) // [ 5, 25 ]
 * ```
 */
export function rowDot(a: Tensor2D, b: Tensor2D): Tensor1D {
  checkTensor('rowDot', a, 'float32', ['n', 'd'])
  checkAlike('rowDot', a, b)
  return runDot({ a, b }, {})[0] as Tensor1D
}

/**
 * Multiplies each row of a matrix by a number of its own.
 *
 * @param scales - [n], float32
 * @param x - [n, d], float32
 * @returns [n, d]
 * @throws ShapeMismatchError when there is not one float32 scale for each row
 * @example
 * ```ts
 * import { scaleRows, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
 * console.log(await scaleRows(tf.tensor1d([10, 0]), x).data()) // [ 10, 20, 0, 0 ]
 * ```
 */
export function scaleRows(scales: Tensor1D, x: Tensor2D): Tensor2D {
  checkTensor('scaleRows', x, 'float32', ['n', 'd'])
  checkTensor('scaleRows (scales)', scales, 'float32', [x.shape[0]])
  return runScale({ scales, x }, {})[0] as Tensor2D
}
