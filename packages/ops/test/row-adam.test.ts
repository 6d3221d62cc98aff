import { ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyAdam, applyRowAdam, useBackend } from '../src/index.js'

const settings = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  step: 3,
  gradientScale: 0.5,
}

/** A variable that shares its values with its initial tensor, as `tf.variable` makes it. */
const variable = (values: number[], shape: number[]) => tf.variable(tf.tensor(values, shape))

describe.each(['cpu', 'simd'] as const)('applyRowAdam on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it.each([[[4, 2]], [[4, 3]], [[4]], [[4, 1, 2]]])(
    'moves the rows of %o that have a gradient as applyAdam does',
    (shape) => {
      const size = shape.reduce((a, b) => a * b)
      const columns = size / 4
      const numbers = (by: number) => Array.from({ length: size }, (_, i) => Math.cos(by * (i + 1)))
      // Row 1 has none and row 3 only zeros of both signs.
      const gradient = numbers(3).map((value, i) =>
        [0, 2].includes(Math.floor(i / columns)) ? value : i % 2 ? -0 : 0,
      )
      const run = (apply: typeof applyAdam) =>
        tf.tidy(() => {
          const moments = {
            first: variable(numbers(1), shape),
            second: variable(numbers(2).map(Math.abs), shape),
          }
          const x = variable(numbers(4), shape)
          apply(x, tf.tensor(gradient, shape), moments, settings)
          return [x, moments.first, moments.second].map((each) => each.dataSync())
        })
      const [dense, byRow] = [run(applyAdam), run(applyRowAdam)]
      const before = [numbers(4), numbers(1), numbers(2).map(Math.abs)]
      for (const [array, values] of byRow.entries()) {
        for (const [i, value] of values.entries()) {
          const moves = [0, 2].includes(Math.floor(i / columns))
          expect(value).toBeCloseTo(moves ? dense[array][i] : before[array][i], 6)
          if (!moves) expect(value).toBe(Math.fround(before[array][i]))
        }
      }
      expect(byRow[0][0]).not.toBe(Math.fround(before[0][0]))
    },
  )

  it('leaves tensors alone that share their values with the parameter', () => {
    const initial = tf.tensor1d([1, 2])
    const x = tf.variable(initial)
    const moments = { first: variable([0, 0], [2]), second: variable([0, 0], [2]) }
    applyRowAdam(x, tf.tensor1d([1, 0]), moments, settings)
    expect([...initial.dataSync()]).toEqual([1, 2])
    expect(x.dataSync()[0]).toBeLessThan(1)
  })

  it('rejects tensors of different shapes', () => {
    const x = variable([1, 2], [2])
    const moments = { first: variable([0, 0], [2]), second: variable([0, 0], [2]) }
    expect(() => applyRowAdam(x, tf.tensor1d([1]), moments, settings)).toThrow(ShapeMismatchError)
  })
})
