import { ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { crossEntropy } from '../src/index.js'
import { describeEachBackend, expectNoLeak } from './support/describe-each-backend.js'
import { type Dense, differences, expectClose, randomDense, toTensor } from './support.js'

/** The definition, in float64. */
function losses64(scores: Dense, labels: readonly number[], offsets?: readonly number[]): number[] {
  return scores.map((row, b) => {
    const x = row.map((value, j) => value + (offsets?.[j] ?? 0))
    const counted = x.filter((_, j) => j === b || labels[j] !== labels[b])
    return Math.log(counted.reduce((sum, value) => sum + Math.exp(value), 0)) - x[b]
  })
}

const n = 37
const labels = Array.from({ length: n }, (_, b) => (b * b) % 23)
const scores = randomDense('scores', n, n).map((row) => row.map((value) => Math.fround(4 * value)))
const [offsets] = randomDense('offsets', 1, n)
const dLosses = randomDense('dLosses', 1, n)[0]

describeEachBackend('crossEntropy', () => {
  for (const given of [undefined, offsets]) {
    const name = given ? 'with offsets' : 'without offsets'

    it(`agrees with the definition, ${name}`, () => {
      tf.tidy(() => {
        const shift = given && Float32Array.from(given)
        const got = crossEntropy(toTensor(scores), Int32Array.from(labels), shift)
        expectClose(tf.reshape(got, [1, n]), [losses64(scores, labels, given)])
      })
    })

    it(`has the gradient of central differences, ${name}`, () => {
      tf.tidy(() => {
        const shift = given && Float32Array.from(given)
        const gradient = tf.grad((x) =>
          crossEntropy(x as tf.Tensor2D, Int32Array.from(labels), shift),
        )(toTensor(scores), tf.tensor1d(dLosses))
        const at = scores.map((row) => [...row])
        const loss = () =>
          losses64(at, labels, given).reduce((sum, value, b) => sum + value * dLosses[b], 0)
        expectClose(gradient, differences(at, loss), 1e-5)
      })
    })
  }

  it('works on rows of several threads, and leaves nothing behind', () => {
    const size = 400
    const many = randomDense('many', size, size)
    const groups = Array.from({ length: size }, (_, b) => b % 150)
    const expected = [losses64(many, groups)]
    expectNoLeak(() =>
      tf.tidy(() => {
        const got = crossEntropy(toTensor(many), Int32Array.from(groups))
        expectClose(tf.reshape(got, [1, size]), expected)
      }),
    )
  })

  it('refuses what does not fit', () => {
    tf.tidy(() => {
      const square = tf.ones<tf.Rank.R2>([3, 3])
      const three = Int32Array.of(0, 1, 2)
      expect(() => crossEntropy(tf.ones([3, 4]), three)).toThrow(ShapeMismatchError)
      expect(() => crossEntropy(square, Int32Array.of(0, 1))).toThrow('2 labels')
      expect(() => crossEntropy(square, three, Float32Array.of(1))).toThrow('1 offsets')
      expect(() => crossEntropy(tf.ones([3, 3], 'int32'), three)).toThrow('float32')
    })
  })
})
