import { InvalidOptionsError, Rng, ShapeMismatchError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dropNumbers } from '../src/index.js'
import { describeEachBackend, expectNoLeak } from './support/describe-each-backend.js'
import { randomDense, toTensor } from './support.js'

const rng = Rng.fromSeed('drop')

/** Drops numbers by the definition. */
function reference(values: readonly number[], rate: number, block: number, stream = rng): number[] {
  const kept = Math.fround(1 / (1 - rate))
  return values.map((value, place) =>
    stream.uniformAt(block, place) >= rate ? Math.fround(value * kept) : 0,
  )
}

describeEachBackend('dropNumbers', () => {
  it('drops what the stream says, to the bit', () => {
    const rates = fc.oneof(
      fc.constantFrom(0, 0.5, 1 - 2 ** -53, 2 ** -53, 2 ** -60),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    )
    const sizes = fc.integer({ min: 1, max: 40 })
    const blocks = fc.oneof(fc.nat(9), fc.constant(2 ** 31 - 1))
    fc.assert(
      fc.property(sizes, sizes, rates, blocks, fc.nat(), (rows, columns, rate, block, seed) => {
        const values = randomDense('x', rows, columns)
        const stream = Rng.fromSeed(seed)
        tf.tidy(() => {
          const got = dropNumbers(toTensor(values), rate, stream, block).dataSync()
          expect([...got].map((value) => value + 0)).toEqual(
            reference(values.flat(), rate, block, stream).map((value) => value + 0),
          )
        })
      }),
    )
  })

  it('keeps the comparison with the rate exact', () => {
    const place = 3
    const u = rng.uniformAt(7, place)
    for (const [rate, isKept] of [
      [u, true],
      [u + 2 ** -53, false],
      [u - 2 ** -53, true],
    ] as const) {
      tf.tidy(() => {
        const got = dropNumbers(tf.ones([1, 5]), rate, rng, 7).dataSync()[place]
        expect(got !== 0).toBe(isKept)
      })
    }
  })

  it('drops about its share, in matrices that several threads work on', () => {
    tf.tidy(() => {
      const values = dropNumbers(tf.ones([3000, 40]), 0.3, rng, 0).dataSync()
      expect([...values]).toEqual(reference(new Array<number>(120_000).fill(1), 0.3, 0))
      const dropped = values.filter((value) => value === 0).length / values.length
      expect(Math.abs(dropped - 0.3)).toBeLessThan(0.01)
    })
  })

  it('has a gradient through what is left, and leaves nothing behind', () => {
    const [x, dy] = [randomDense('x', 9, 5), randomDense('dy', 9, 5)]
    expectNoLeak(() => {
      tf.tidy(() => {
        const drop = (z: tf.Tensor) => dropNumbers(z as tf.Tensor2D, 0.4, rng, 2)
        const gradient = tf.grad(drop)(toTensor(x), toTensor(dy)).dataSync()
        expect([...gradient].map((value) => value + 0)).toEqual(
          reference(dy.flat(), 0.4, 2).map((value) => value + 0),
        )
      })
    })
  })

  it.each([
    [1, 0],
    [-0.1, 0],
    [Number.NaN, 0],
    [0.5, -1],
    [0.5, 1.5],
    [0.5, 2 ** 31],
  ])('refuses the rate %d and block %d', (rate, block) => {
    tf.tidy(() => {
      const compute = () => dropNumbers(tf.ones([2, 2]), rate, rng, block)
      expect(compute).toThrow(InvalidOptionsError)
      expect(compute).toThrow(/dropNumbers: got rate/)
    })
  })

  it('refuses what is no float32 matrix', () => {
    tf.tidy(() => {
      for (const x of [tf.ones([2, 2], 'int32'), tf.ones([4])]) {
        expect(() => dropNumbers(x as tf.Tensor2D, 0.5, rng, 0)).toThrow(ShapeMismatchError)
      }
    })
  })
})
