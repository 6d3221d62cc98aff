import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { reals } from '../../../graph/test/support/numbers.js'
import { describeEachBackend } from '../../../ops/test/support/describe-each-backend.js'
import { expectTensor, floats, sizeOf } from '../support/plain-tensors.js'

type Vector = Float64Array

interface GradientCase {
  readonly shapes: readonly number[][]
  /** The operator on tensors. */
  readonly operator: (...inputs: tf.Tensor[]) => tf.Tensor
  /** The same in plain TypeScript, on float64. */
  readonly reference: (...inputs: Vector[]) => ArrayLike<number>
  readonly positive?: boolean
}

const map = (x: Vector, f: (value: number, i: number) => number) => x.map(f)
const indices = [2, 0, 2]

const cases: Record<string, GradientCase> = {
  add: pair(
    (a, b) => tf.add(a, b),
    (x, y) => x + y,
  ),
  sub: pair(
    (a, b) => tf.sub(a, b),
    (x, y) => x - y,
  ),
  mul: pair(
    (a, b) => tf.mul(a, b),
    (x, y) => x * y,
  ),
  div: {
    ...pair(
      (a, b) => tf.div(a, b),
      (x, y) => x / y,
    ),
    positive: true,
  },
  'mul of rows': {
    shapes: [
      [3, 1],
      [3, 4],
    ],
    operator: (a, b) => tf.mul(a, b),
    reference: (a, b) => map(b, (value, i) => a[Math.floor(i / 4)] * value),
  },
  'mul by a scalar': {
    shapes: [[], [3, 4]],
    operator: (a, b) => tf.mul(a, b),
    reference: (a, b) => map(b, (value) => a[0] * value),
  },
  'add of a row': {
    shapes: [[4], [3, 4]],
    operator: (a, b) => tf.add(a, b),
    reference: (a, b) => map(b, (value, i) => a[i % 4] + value),
  },
  exp: single((x) => tf.exp(x), Math.exp),
  neg: single(
    (x) => tf.neg(x),
    (x) => -x,
  ),
  relu: single(
    (x) => tf.relu(x),
    (x) => Math.max(x, 0),
  ),
  sigmoid: single(
    (x) => tf.sigmoid(x),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  softplus: single(
    (x) => tf.softplus(x),
    (x) => Math.log1p(Math.exp(x)),
  ),
  sqrt: { ...single((x) => tf.sqrt(x), Math.sqrt), positive: true },
  square: single(
    (x) => tf.square(x),
    (x) => x * x,
  ),
  'sum of all': {
    shapes: [[3, 4]],
    operator: (x) => tf.sum(x),
    reference: (x) => [x.reduce((sum, value) => sum + value, 0)],
  },
  'sum of rows': {
    shapes: [[3, 4]],
    operator: (x) => tf.sum(x, 1),
    reference: (x) => [0, 1, 2].map((r) => x.slice(4 * r, 4 * r + 4).reduce((a, b) => a + b, 0)),
  },
  mean: {
    shapes: [[3, 4]],
    operator: (x) => tf.mean(x),
    reference: (x) => [x.reduce((sum, value) => sum + value, 0) / x.length],
  },
  addN: {
    shapes: [
      [3, 2],
      [3, 2],
      [3, 2],
    ],
    operator: (...terms) => tf.addN(terms),
    reference: (a, b, c) => map(a, (value, i) => value + b[i] + c[i]),
  },
  gather: {
    shapes: [[3, 4]],
    operator: (x) => tf.gather(x, tf.tensor1d(indices, 'int32')),
    reference: (x) => indices.flatMap((i) => [...x.slice(4 * i, 4 * i + 4)]),
  },
  transpose: {
    shapes: [[3, 4]],
    operator: (x) => tf.transpose(x),
    reference: (x) => Array.from(x, (_, i) => x[(i % 3) * 4 + Math.floor(i / 3)]),
  },
  slice: {
    shapes: [[3, 4]],
    operator: (x) => tf.slice(x, [1, 0], [2, 4]),
    reference: (x) => x.slice(4),
  },
  matMul: {
    shapes: [
      [3, 4],
      [4, 2],
    ],
    operator: (a, b) => tf.matMul(a, b),
    reference: (a, b) =>
      Array.from({ length: 6 }, (_, i) =>
        [0, 1, 2, 3].reduce((sum, k) => sum + a[Math.floor(i / 2) * 4 + k] * b[2 * k + (i % 2)], 0),
      ),
  },
}

function pair(
  operator: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  f: (x: number, y: number) => number,
): GradientCase {
  const shapes = [
    [3, 4],
    [3, 4],
  ]
  return { shapes, operator, reference: (a, b) => map(a, (value, i) => f(value, b[i])) }
}

function single(operator: (x: tf.Tensor) => tf.Tensor, f: (x: number) => number): GradientCase {
  return { shapes: [[3, 4]], operator, reference: (x) => map(x, f) }
}

describeEachBackend('gradients of operators', () => {
  beforeEach(() => tf.engine().startScope())
  afterEach(() => tf.engine().endScope())

  it.each(Object.entries(cases))(
    '%s agrees with central differences in float64',
    (_name, gradient) => {
      const { shapes, operator, reference, positive } = gradient
      const inputs = shapes.map((shape, i) => {
        const x = floats(shape, i + 1)
        return positive ? tf.add(tf.abs(x), 0.5) : x
      })
      const values = inputs.map((x) => Float64Array.from(x.dataSync()))
      const output = operator(...inputs)
      expectTensor(output, output.shape, reference(...values))
      const weights = reals(9, sizeOf(output.shape))
      const dy = tf.tensor(weights, output.shape)
      const gradients = tf.grads((...all: tf.Tensor[]) => operator(...all))(inputs, dy)
      const loss = () =>
        Array.from(reference(...values)).reduce((sum, value, i) => sum + value * weights[i], 0)
      values.forEach((value, input) => {
        const expected = value.map((at, i) => {
          const step = 1e-5
          value[i] = at + step
          const high = loss()
          value[i] = at - step
          const low = loss()
          value[i] = at
          return (high - low) / (2 * step)
        })
        expect(gradients[input].dtype).toBe('float32')
        expectTensor(gradients[input], inputs[input].shape, expected, { tolerance: 1e-5 })
      })
    },
  )
})
