import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeEachBackend } from '../../../ops/test/support/describe-each-backend.js'
import { coordinates, expectTensor, floats, sizeOf, valueAt } from '../support/plain-tensors.js'

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor

const binary: Record<string, { operator: Binary; plain: (a: number, b: number) => number }> = {
  add: { operator: tf.add, plain: (a, b) => a + b },
  sub: { operator: tf.sub, plain: (a, b) => a - b },
  mul: { operator: tf.mul, plain: (a, b) => a * b },
  div: { operator: tf.div, plain: (a, b) => a / b },
}

const unary: Record<
  string,
  { operator: (x: tf.Tensor) => tf.Tensor; plain: (x: number) => number }
> = {
  exp: { operator: tf.exp, plain: Math.exp },
  neg: { operator: tf.neg, plain: (x) => -x },
  relu: { operator: tf.relu, plain: (x) => Math.max(x, 0) },
  sigmoid: { operator: tf.sigmoid, plain: (x) => 1 / (1 + Math.exp(-x)) },
  softplus: { operator: tf.softplus, plain: (x) => Math.log1p(Math.exp(x)) },
  sqrt: { operator: tf.sqrt, plain: Math.sqrt },
  square: { operator: tf.square, plain: (x) => x * x },
  step: { operator: tf.step, plain: (x) => (x > 0 ? 1 : 0) },
  'step with a slope': { operator: (x) => tf.step(x, 0.25), plain: (x) => (x > 0 ? 1 : 0.25) },
}

const shapes: [number[], number[]][] = [
  [
    [7, 5],
    [7, 5],
  ],
  [
    [300, 250],
    [300, 250],
  ],
  [[], []],
  [[7, 5], []],
  [[], [7, 5]],
  [
    [7, 5],
    [1, 1],
  ],
  [[1], [7, 5]],
  [
    [1, 1, 1],
    [7, 5],
  ],
  [
    [7, 1],
    [7, 5],
  ],
  [
    [7, 5],
    [7, 1],
  ],
  [[5], [7, 5]],
  [
    [7, 5],
    [1, 5],
  ],
  [
    [7, 1],
    [1, 5],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [
    [0, 3],
    [0, 3],
  ],
  [[0, 3], []],
  [
    [0, 1],
    [0, 3],
  ],
]

describeEachBackend('element-wise operators', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  it.each(Object.entries(binary))(
    '%s combines equal and broadcast shapes',
    (_name, { operator, plain }) => {
      for (const [left, right] of shapes) {
        const [a, b] = [floats(left, 1), floats(right, 2)]
        const shape = tf.broadcastTo(tf.zerosLike(a), broadcast(left, right)).shape
        const [x, y] = [a.dataSync(), b.dataSync()]
        const expected = coordinates(shape).map((at) => plain(valueAt(a, x, at), valueAt(b, y, at)))
        expectTensor(operator(a, b), shape, expected)
      }
    },
  )

  it.each(['add', 'sub', 'mul'])('%s keeps integers', (name) => {
    const { operator, plain } = binary[name]
    const a = tf.tensor2d([1, 2, 3, 4, 5, -6], [2, 3], 'int32')
    const b = tf.tensor1d([7, -8, 9], 'int32')
    const expected = [1, 2, 3, 4, 5, -6].map((value, i) => plain(value, [7, -8, 9][i % 3]))
    expectTensor(operator(a, b), [2, 3], expected, { dtype: 'int32' })
    const scalar = tf.scalar(3, 'int32')
    const scaled = [1, 2, 3, 4, 5, -6].map((value) => plain(value, 3))
    expectTensor(operator(a, scalar), [2, 3], scaled, { dtype: 'int32' })
  })

  it('mixes integers and floats as floats', () => {
    const a = tf.tensor1d([1, 2, 3], 'int32')
    expectTensor(tf.mul(a, tf.tensor1d([0.5, 0.25, -2])), [3], [0.5, 0.5, -6])
    expectTensor(tf.add(a, 0.5), [3], [1.5, 2.5, 3.5])
    expectTensor(tf.div(a, 2), [3], [0.5, 1, 1.5])
    expectTensor(tf.exp(tf.cast(a, 'float32')), [3], [1, 2, 3].map(Math.exp))
    expectTensor(tf.square(a), [3], [1, 4, 9], { dtype: 'int32' })
    expectTensor(tf.neg(a), [3], [-1, -2, -3], { dtype: 'int32' })
    expectTensor(tf.relu(tf.neg(a)), [3], [0, 0, 0], { dtype: 'int32' })
    expectTensor(tf.step(a), [3], [1, 1, 1], { dtype: 'int32' })
  })

  it.each(Object.entries(unary))(
    '%s maps every element, of any rank',
    (name, { operator, plain }) => {
      for (const shape of [[], [1], [7], [3, 5], [2, 3, 4], [0], [3, 0], [40_001]]) {
        const x = name === 'sqrt' ? tf.abs(floats(shape, 3)) : floats(shape, 3)
        const expected = Float64Array.from(x.dataSync(), plain)
        expectTensor(operator(x), shape, expected)
      }
    },
  )

  it('casts, and kernels see the numbers and not their bytes', () => {
    const integers = tf.tensor1d([3, -1, 2], 'int32')
    const mask = tf.tensor1d([true, false, true], 'bool')
    const asFloats = tf.cast(integers, 'float32')
    expectTensor(tf.add(asFloats, asFloats), [3], [6, -2, 4])
    expectTensor(tf.sum(asFloats), [], [4])
    expectTensor(tf.exp(tf.cast(mask, 'float32')), [3], [1, 0, 1].map(Math.exp))
    const asIntegers = tf.cast(mask, 'int32')
    expectTensor(asIntegers, [3], [1, 0, 1], { dtype: 'int32' })
    const table = tf.tensor2d([1, 2, 3, 4], [2, 2])
    expectTensor(tf.gather(table, asIntegers), [3, 2], [3, 4, 1, 2, 3, 4])
    expectTensor(tf.cast(tf.mul(asFloats, 1.4), 'int32'), [3], [4, -1, 2], { dtype: 'int32' })
    // The source is unharmed, whichever of the two a kernel saw first.
    expectTensor(integers, [3], [3, -1, 2], { dtype: 'int32' })
    integers.dispose()
    expectTensor(tf.mul(asFloats, 2), [3], [6, -2, 4])
  })

  it('keeps the sign of zero where multiplication does', () => {
    const zeros = tf.tensor1d([0, -0])
    expect([...tf.neg(zeros).dataSync()]).toEqual([-0, 0])
    expect([...tf.mul(zeros, -2).dataSync()]).toEqual([-0, 0])
    expect([...tf.mul(zeros, 2).dataSync()]).toEqual([0, -0])
    expect([...tf.mul(tf.scalar(-2), zeros).dataSync()]).toEqual([-0, 0])
  })

  it('lets infinities and NaN through scalar paths', () => {
    const x = tf.tensor1d([1, Infinity, NaN])
    expectTensor(tf.mul(x, Infinity), [3], [Infinity, Infinity, NaN])
    expectTensor(tf.sub(x, Infinity), [3], [-Infinity, NaN, NaN])
    expectTensor(tf.div(x, 0), [3], [Infinity, Infinity, NaN])
    expectTensor(tf.relu(x), [3], [1, Infinity, NaN])
    expectTensor(tf.step(x), [3], [1, 1, NaN])
  })

  it.each([1, 2, 3, 5])('addN sums %i tensors', (count) => {
    const terms = Array.from({ length: count }, (_, seed) => floats([6, 7], seed))
    const values = terms.map((term) => term.dataSync())
    const expected = [...values[0]].map((_, i) => values.reduce((sum, term) => sum + term[i], 0))
    const total = tf.addN(terms)
    expectTensor(total, [6, 7], expected)
    terms.forEach((term, i) => {
      expect(term.dataSync()).toEqual(values[i])
    })
    tf.dispose(terms)
    expectTensor(total, [6, 7], expected)
  })

  it('fills', () => {
    expectTensor(tf.fill([3, 2], 1.5), [3, 2], Array(6).fill(1.5))
    expectTensor(tf.fill([3], 2, 'int32'), [3], [2, 2, 2], { dtype: 'int32' })
    expect([...tf.fill([2], 'word').dataSync()]).toEqual(['word', 'word'])
    expectTensor(tf.ones([0, 2]), [0, 2], [])
    expectTensor(tf.zeros([70_000]), [70_000], new Float32Array(70_000))
  })
})

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const [x, y] = [a, b].map((shape) => [...Array(rank - shape.length).fill(1), ...shape])
  return x.map((length, axis) => (length === 1 ? y[axis] : length))
}

describeEachBackend('what a mapped tensor is', () => {
  it('has values of its own', () => {
    const x = floats([5], 1)
    const y = tf.mul(x, 1)
    x.dispose()
    const other = tf.fill([5], 9)
    expect(sizeOf(y.shape)).toBe(5)
    expect([...y.dataSync()]).not.toContain(9)
    tf.dispose([y, other])
  })
})
