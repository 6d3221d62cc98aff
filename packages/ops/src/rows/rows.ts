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
 * Rows of a table: [n, d] at `indices` [k] → [k, d]. Its gradient sums repeated rows in ascending
 * k, with the same bytes for any number of threads.
 *
 * @param table - float32
 * @param indices - int32, each in 0..n-1
 * @throws ShapeMismatchError when a type or rank is another
 * @throws Error when an index is out of range, as tfjs's own gather
 */
export function gatherRows(table: Tensor2D, indices: Tensor1D): Tensor2D {
  checkTensor('gatherRows', table, 'float32', ['n', 'd'])
  checkTensor('gatherRows (indices)', indices, 'int32', ['k'])
  return runGather({ table, indices }, { rowCount: table.shape[0] })[0] as Tensor2D
}

/**
 * {@link gatherRows} twice from one table, whose gradient then is one table and not the sum of two.
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
 * The reverse of {@link gatherRows}: adds row k of `rows` [k, d] to row `indices[k]` of a table of
 * zeros [rowCount, d], in ascending k.
 *
 * @param rows - float32
 * @param indices - int32. Rows with an index outside of 0..rowCount-1 are dropped, as in
 * `tf.unsortedSegmentSum`; a gradient with respect to `rows` needs all of them inside.
 * @throws ShapeMismatchError when a type or rank is another, or there is not one index a row
 */
export function scatterAddRows(rows: Tensor2D, indices: Tensor1D, rowCount: number): Tensor2D {
  checkTensor('scatterAddRows', rows, 'float32', ['k', 'd'])
  checkTensor('scatterAddRows (indices)', indices, 'int32', [rows.shape[0]])
  return runScatter({ rows, indices }, { rowCount })[0] as Tensor2D
}

/**
 * Row-wise dot product: out[r] = Σ_c a[r, c] · b[r, c], [n, d] and [n, d] → [n].
 *
 * @throws ShapeMismatchError when the two are not float32 matrices of one shape
 */
export function rowDot(a: Tensor2D, b: Tensor2D): Tensor1D {
  checkTensor('rowDot', a, 'float32', ['n', 'd'])
  checkAlike('rowDot', a, b)
  return runDot({ a, b }, {})[0] as Tensor1D
}

/**
 * Row r of `x` [n, d] times `scales[r]` [n].
 *
 * @throws ShapeMismatchError when there is not one float32 scale a row
 */
export function scaleRows(scales: Tensor1D, x: Tensor2D): Tensor2D {
  checkTensor('scaleRows', x, 'float32', ['n', 'd'])
  checkTensor('scaleRows (scales)', scales, 'float32', [x.shape[0]])
  return runScale({ scales, x }, {})[0] as Tensor2D
}
