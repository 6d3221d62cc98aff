import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { inBatchSoftmaxLoss } from '../../src/losses/in-batch-softmax.js'
import { logItemChances } from '../../src/losses/item-chances.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose } from '../support/compare.js'
import { graphOf, smallGraph } from '../support/graphs.js'
import { itemChances64 } from '../support/reference-losses.js'

type Rows = number[][]

const evaluate = (scores: Rows, items: number[], logChances?: number[]) =>
  tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((matrix) =>
      inBatchSoftmaxLoss(
        matrix as tf.Tensor2D,
        Int32Array.from(items),
        logChances && Float32Array.from(logChances),
      ),
    )(tf.tensor2d(scores))
    return { loss: value.dataSync()[0] as number, gradient: [...grad.dataSync()] }
  })

describeEachBackend('softmax over the batch', () => {
  it('is 0 with one sample', () => {
    expect(evaluate([[3]], [7], [-2])).toEqual({ loss: 0, gradient: [0] })
  })

  it('is 0 where all samples have the same item', () => {
    const { loss, gradient } = evaluate(
      [
        [1, 2],
        [50, -3],
      ],
      [4, 4],
    )
    expect(loss).toBe(0)
    expectClose(gradient, [0, 0, 0, 0], 0)
  })

  it('is the logarithm of the number of samples where all scores are the same', () => {
    const scores = Array.from({ length: 5 }, () => new Array<number>(5).fill(2))
    expect(evaluate(scores, [0, 1, 2, 3, 4]).loss).toBeCloseTo(Math.log(5), 6)
  })

  it('leaves out other samples with the same item, for the loss and for the gradient', () => {
    const scores = [
      [0, 9, 0],
      [9, 0, 0],
      [0, 0, 0],
    ]
    const { loss, gradient } = evaluate(scores, [5, 5, 6])
    expect(loss).toBeCloseTo((2 * Math.LN2 + Math.log(3)) / 3, 6)
    expect(gradient[1]).toBe(0)
    expect(gradient[3]).toBe(0)
  })

  it('has rows of the gradient that sum to 0', () => {
    const { gradient } = evaluate(
      [
        [1, 2, 3],
        [0, 0, 5],
        [2, 1, 0],
      ],
      [0, 1, 2],
      [-1, -2, -3],
    )
    for (const row of [0, 3, 6]) {
      expect(gradient.slice(row, row + 3).reduce((a, b) => a + b)).toBeCloseTo(0, 6)
    }
  })

  it('does not change when all chances are multiplied', () => {
    const scores = [
      [1, 2, 0],
      [0, 1, 1],
      [2, 2, 1],
    ]
    const plain = evaluate(scores, [0, 1, 2])
    expect(evaluate(scores, [0, 1, 2], [-3, -3, -3]).loss).toBeCloseTo(plain.loss, 5)
  })

  it('with the correction pushes rare items down more and frequent ones less', () => {
    const scores = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]
    const logChances = [0.5, 0.4, 0.1].map(Math.log)
    const { gradient } = evaluate(scores, [0, 1, 2], logChances)
    // Sample 0: the softmax weights are 1 / q, so that a rare item stands for many not in the batch.
    const weights = [1 / 0.5, 1 / 0.4, 1 / 0.1]
    const total = weights.reduce((a, b) => a + b)
    expectClose(
      gradient.slice(0, 3),
      weights.map((weight, item) => (weight / total - (item === 0 ? 1 : 0)) / 3),
      1e-6,
    )
    const plain = evaluate(scores, [0, 1, 2]).gradient
    expect(gradient[2]).toBeGreaterThan(plain[2] as number)
    expect(gradient[1]).toBeLessThan(plain[1] as number)
  })

  it('is exact where exponentials alone would overflow or vanish', () => {
    const { loss, gradient } = evaluate(
      [
        [1e4, 0],
        [0, -1e4],
      ],
      [0, 1],
    )
    expect(loss).toBe(5000)
    expect(gradient).toEqual([0, 0, 0.5, -0.5])
    expect(
      evaluate(
        [
          [-1e4, -1e4],
          [1e4, 1e4],
        ],
        [0, 1],
      ).loss,
    ).toBeCloseTo(Math.LN2, 3)
  })

  it('is NaN where a score is', () => {
    expect(
      evaluate(
        [
          [Number.NaN, 0],
          [0, 0],
        ],
        [0, 1],
      ).loss,
    ).toBeNaN()
  })

  it('agrees with a batch far larger than a thread’s share of rows', () => {
    const size = 300
    const scores = Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (_, column) => Math.sin(row * 7 + column * 3)),
    )
    const items = Array.from({ length: size }, (_, sample) => sample % 100)
    const expected =
      scores.reduce((sum, row, b) => {
        const others = row.filter((_, j) => j === b || items[j] !== items[b])
        const exponentials = others.map(Math.exp).reduce((a, c) => a + c)
        return sum + Math.log(exponentials) - (row[b] as number)
      }, 0) / size
    expect(evaluate(scores, items).loss).toBeCloseTo(expected, 5)
  })
})

describe('the chance that an item is drawn', () => {
  const graph = graphOf(smallGraph)

  for (const sampling of ['user-uniform', 'interaction-shuffle'] as const) {
    it(`sums over the users who have it, for ${sampling}`, () => {
      const expected = itemChances64(smallGraph, sampling)
      const actual = Array.from(logItemChances(graph, sampling), Math.exp)
      expectClose(actual.slice(0, 4), expected.slice(0, 4), 1e-6)
      expect(expected.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    })

    it(`is below all others for an item that is never drawn, for ${sampling}`, () => {
      const values = logItemChances(graph, sampling)
      expect(values[4]).toBeCloseTo(-Math.log(7 * 5), 6)
      expect(values[4]).toBeLessThan(Math.min(...values.slice(0, 4)))
    })

    it(`leaves out users who have every item, for ${sampling}`, () => {
      const list = {
        users: 3,
        items: 2,
        edges: [
          [0, 0],
          [0, 1],
          [1, 0],
          [2, 0],
        ],
      } as const
      const values = logItemChances(graphOf(list), sampling)
      expectClose(values, [0, -Math.log(6)], 1e-6)
    })

    it(`is finite where nobody can be drawn, for ${sampling}`, () => {
      const values = logItemChances(graphOf({ users: 1, items: 1, edges: [[0, 0]] }), sampling)
      expect([...values]).toEqual([0])
    })
  }
})
