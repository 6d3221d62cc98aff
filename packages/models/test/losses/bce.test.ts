import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { bceLoss } from '../../src/losses/bce-loss.js'
import { bprLoss } from '../../src/losses/bpr-loss.js'
import { describeEachBackend } from '../support/backends.js'
import { expectClose } from '../support/compare.js'
import { softplus64 } from '../support/reference.js'

const read = (make: () => tf.Tensor): number => tf.tidy(() => make().dataSync()[0] as number)

describeEachBackend('binary cross-entropy', () => {
  const loss = (positive: number[], negative: number[], options?: object) =>
    read(() => bceLoss(tf.tensor1d(positive), tf.tensor1d(negative), options))

  it('is ln 2 where all scores are 0', () => {
    expect(loss([0, 0], [0, 0, 0, 0])).toBeCloseTo(Math.LN2, 6)
  })

  it('is the mean over positives and negatives alike', () => {
    const expected = (softplus64(-2) + softplus64(-1) + softplus64(0.5)) / 3
    expect(loss([2], [-1, 0.5])).toBeCloseTo(expected, 6)
  })

  it('as a sum is as many times the mean as there are scores', () => {
    expect(loss([1, 2], [3, 4, 5, 6], { reduction: 'sum' })).toBeCloseTo(
      6 * loss([1, 2], [3, 4, 5, 6]),
      4,
    )
  })

  it('counts negatives by their weight and divides by their number', () => {
    const expected = (softplus64(-2) + 0.25 * (softplus64(-1) + softplus64(0.5))) / 3
    expect(loss([2], [-1, 0.5], { negativeWeight: 0.25 })).toBeCloseTo(expected, 6)
  })

  it('is exact in both tails', () => {
    expect(loss([1000], [-1000])).toBe(0)
    expect(loss([-1000], [1000], { reduction: 'sum' })).toBe(2000)
  })

  it('has the gradient σ(s) - label, over the number of scores', () => {
    const gradients = tf.tidy(() => {
      const gradient = tf.grads((positive, negative) =>
        bceLoss(positive as tf.Tensor1D, negative as tf.Tensor1D),
      )([tf.tensor1d([0, 1000]), tf.tensor1d([0, -1000])])
      return gradient.flatMap((values) => [...values.dataSync()])
    })
    expectClose(gradients, [-0.125, 0, 0.125, 0], 0)
  })

  it('is NaN where a score is', () => {
    expect(loss([Number.NaN], [0])).toBeNaN()
  })
})

describeEachBackend('BPR with several negatives', () => {
  const positive = [0.5, -1]
  const negative = [1, 0, -2, 3, 0.25, 0]
  const loss = (reduction: 'mean' | 'sum') =>
    read(() => bprLoss(tf.tensor1d(positive), tf.tensor1d(negative), reduction))

  it('compares each positive with its own negatives', () => {
    const pairs = negative.map((score, place) =>
      softplus64(score - (positive[Math.floor(place / 3)] as number)),
    )
    expect(loss('sum')).toBeCloseTo(
      pairs.reduce((a, b) => a + b),
      5,
    )
  })

  it('as a sum is B · n times the mean', () => {
    expect(loss('sum')).toBeCloseTo(6 * loss('mean'), 5)
  })
})
