import { InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { gatherRows, gatherRowsPair, rowDot, scaleRows, scatterAddRows } from '../src/index.js'
import { describeEachBackend, expectNoLeak } from './support/describe-each-backend.js'
import { type Dense, expectClose, randomDense, toDense, toTensor } from './support.js'

const table = randomDense('table', 6, 5)
const indices = (...values: number[]) => tf.tensor1d(values, 'int32')
const zeros = (rows: number, columns: number): Dense =>
  Array.from({ length: rows }, () => Array(columns).fill(0))

function scattered(rows: Dense, targets: readonly number[], count: number): Dense {
  const out = zeros(count, rows[0].length)
  targets.forEach((target, k) => {
    rows[k].forEach((value, c) => {
      if (target >= 0 && target < count) out[target][c] += value
    })
  })
  return out
}

describeEachBackend('row operators', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  it('gatherRows takes rows, with repeated ones added up in the gradient', () => {
    const at = [4, 1, 4, 4, 0]
    const out = gatherRows(toTensor(table), indices(...at))
    expectClose(
      out,
      at.map((i) => table[i]),
    )
    const dy = randomDense('dy', 5, 5)
    const gradient = tf.grad((x) => gatherRows(x as tf.Tensor2D, indices(...at)))
    expectClose(gradient(toTensor(table), toTensor(dy)), scattered(dy, at, 6))
  })

  it('gatherRows takes no row at all', () => {
    expect(gatherRows(toTensor(table), indices()).shape).toEqual([0, 5])
    const gradient = tf.grad((x) => tf.sum(gatherRows(x as tf.Tensor2D, indices())))
    expectClose(gradient(toTensor(table)), zeros(6, 5))
  })

  it('gatherRows can be used twice on one table', () => {
    const [first, second] = [
      [0, 1, 1],
      [1, 5, 0],
    ]
    const gradient = tf.grad((x) => {
      const left = gatherRows(x as tf.Tensor2D, indices(...first))
      const right = gatherRows(x as tf.Tensor2D, indices(...second))
      return tf.sum(tf.mul(left, right))
    })(toTensor(table))
    const expected = zeros(6, 5)
    first.forEach((a, k) => {
      const b = second[k]
      for (let c = 0; c < 5; c++) {
        expected[a][c] += table[b][c]
        expected[b][c] += table[a][c]
      }
    })
    expectClose(gradient, expected)
  })

  it.each([-1, 6, 2 ** 30])('gatherRows refuses the index %i', (index) => {
    expect(() => gatherRows(toTensor(table), indices(0, index))).toThrow(/index|6/)
    expect(() => gatherRows(toTensor(table), indices(0, index))).toThrow(InvalidOptionsError)
    expect(() => gatherRowsPair(toTensor(table), indices(0), indices(index))).toThrow(/index|6/)
  })

  it('gatherRowsPair equals gatherRows twice, in values and gradients', () => {
    const [first, second] = [
      [0, 1, 1, 5],
      [1, 5, 0, 5],
    ]
    const loss = (left: tf.Tensor2D, right: tf.Tensor2D) => tf.sum(tf.mul(left, tf.exp(right)))
    const paired = (x: tf.Tensor) => {
      const [left, right] = gatherRowsPair(x as tf.Tensor2D, indices(...first), indices(...second))
      expectClose(
        left,
        first.map((i) => table[i]),
      )
      expectClose(
        right,
        second.map((i) => table[i]),
      )
      return loss(left, right)
    }
    const single = (x: tf.Tensor) =>
      loss(
        gatherRows(x as tf.Tensor2D, indices(...first)),
        gatherRows(x as tf.Tensor2D, indices(...second)),
      )
    const expected = toDense(tf.grad(single)(toTensor(table)))
    expectClose(tf.grad(paired)(toTensor(table)), expected)
  })

  it('gatherRowsPair has a gradient where only one of the two is used, or lengths differ', () => {
    const use = (which: 0 | 1) =>
      tf.grad((x) => tf.sum(gatherRowsPair(x as tf.Tensor2D, indices(2, 2, 3), indices(4))[which]))(
        toTensor(table),
      )
    expectClose(use(0), scattered(Array(3).fill(Array(5).fill(1)), [2, 2, 3], 6))
    expectClose(use(1), scattered([Array(5).fill(1)], [4], 6))
  })

  it('scatterAddRows adds rows and drops those outside', () => {
    const rows = randomDense('rows', 5, 3)
    const targets = [3, 0, 3, -1, 4]
    const out = scatterAddRows(toTensor(rows), indices(...targets), 4)
    expectClose(out, scattered(rows, targets, 4))
    expect(scatterAddRows(tf.zeros([0, 3]), indices(), 2).arraySync()).toEqual(zeros(2, 3))
  })

  it('scatterAddRows gathers in its gradient', () => {
    const rows = randomDense('rows', 4, 3)
    const targets = [3, 0, 3, 1]
    const dy = randomDense('dy', 5, 3)
    const gradient = tf.grad((x) => scatterAddRows(x as tf.Tensor2D, indices(...targets), 5))
    expectClose(
      gradient(toTensor(rows), toTensor(dy)),
      targets.map((target) => dy[target]),
    )
  })

  it('rowDot and its gradients', () => {
    const other = randomDense('other', 6, 5)
    const dots = table.map((row, r) => row.reduce((sum, value, c) => sum + value * other[r][c], 0))
    const [a, b] = [toTensor(table), toTensor(other)]
    const out = rowDot(a, b)
    expect(out.shape).toEqual([6])
    expectClose(tf.reshape(out, [1, 6]), [dots])
    const dy = randomDense('dy', 1, 6)[0]
    const [da, db] = tf.grads((x, y) => rowDot(x as tf.Tensor2D, y as tf.Tensor2D))(
      [a, b],
      tf.tensor1d(dy),
    )
    expectClose(
      da,
      other.map((row, r) => row.map((value) => dy[r] * value)),
    )
    expectClose(
      db,
      table.map((row, r) => row.map((value) => dy[r] * value)),
    )
  })

  it('rowDot of a table with itself has twice the table as its gradient', () => {
    const gradient = tf.grad((x) => tf.sum(rowDot(x as tf.Tensor2D, x as tf.Tensor2D)))
    expectClose(
      gradient(toTensor(table)),
      table.map((row) => row.map((value) => 2 * value)),
    )
  })

  it('scaleRows and its gradients', () => {
    const scales = randomDense('scales', 1, 6)[0]
    const dy = randomDense('dy', 6, 5)
    const inputs = [tf.tensor1d(scales), toTensor(table)]
    const scale = (s: tf.Tensor, x: tf.Tensor) => scaleRows(s as tf.Tensor1D, x as tf.Tensor2D)
    expectClose(
      scale(inputs[0], inputs[1]),
      table.map((row, r) => row.map((value) => scales[r] * value)),
    )
    const [ds, dx] = tf.grads(scale)(inputs, toTensor(dy))
    const dots = table.map((row, r) => row.reduce((sum, value, c) => sum + value * dy[r][c], 0))
    expectClose(tf.reshape(ds, [1, 6]), [dots])
    expectClose(
      dx,
      dy.map((row, r) => row.map((value) => scales[r] * value)),
    )
  })

  it('refuses wrong shapes and types', () => {
    const [floats, integers] = [tf.zeros([3, 2]) as tf.Tensor2D, tf.zeros([3, 2], 'int32')]
    const asFloats = integers as tf.Tensor2D
    const vector = tf.zeros([3]) as tf.Tensor1D
    for (const call of [
      () => gatherRows(asFloats, indices(0)),
      () => gatherRows(floats, vector),
      () => gatherRows(vector as unknown as tf.Tensor2D, indices(0)),
      () => gatherRows(floats, tf.zeros([1, 1], 'int32') as unknown as tf.Tensor1D),
      () => gatherRowsPair(floats, indices(0), vector),
      () => gatherRowsPair(asFloats, indices(0), indices(1)),
      () => scatterAddRows(asFloats, indices(0, 0, 0), 2),
      () => scatterAddRows(floats, vector, 2),
      () => scatterAddRows(floats, indices(0, 1), 2),
      () => rowDot(floats, asFloats),
      () => rowDot(asFloats, floats),
      () => rowDot(floats, tf.zeros([2, 3])),
      () => rowDot(vector as unknown as tf.Tensor2D, vector as unknown as tf.Tensor2D),
      () => scaleRows(vector, asFloats),
      () => scaleRows(tf.zeros([2]), floats),
      () => scaleRows(tf.zeros([3, 1]) as unknown as tf.Tensor1D, floats),
      () => scaleRows(indices(1, 2, 3), floats),
    ]) {
      expect(call).toThrow(ShapeMismatchError)
    }
  })
})

describeEachBackend('a step of row operators', () => {
  it('leaves nothing behind', () => {
    const variable = tf.variable(toTensor(table))
    const [at, and] = [indices(1, 2, 2), indices(0, 5, 5)]
    expectNoLeak(() => {
      const { value, grads } = tf.variableGrads(() => {
        const [left, right] = gatherRowsPair(variable as unknown as tf.Tensor2D, at, and)
        const third = gatherRows(variable as unknown as tf.Tensor2D, at)
        return tf.sum(tf.add(rowDot(left, right), rowDot(third, third))) as tf.Scalar
      }, [variable])
      value.dispose()
      tf.dispose(grads)
    })
    tf.dispose([variable, at, and])
  })
})
