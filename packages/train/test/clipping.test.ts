import { globalNorm } from '@gnnrec/graph/ops'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { clipFactor } from '../src/clip-factor.js'
import { Trainer } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { type FixtureTensor, largestDifference, readFixture } from './support/fixtures.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'

interface ClippingFixture {
  entries: {
    maxNorm: number
    before: FixtureTensor[]
    totalNormBefore: number
    coefficient: number
    after: FixtureTensor[]
    totalNormAfter: number
  }[]
}

const { entries } = readFixture<ClippingFixture>('gradient-clipping')

describeEachBackend('clipping', () => {
  it.each(entries)('scales as the fixture: norm $totalNormBefore to $maxNorm', (entry) => {
    const tensors = entry.before.map(({ shape, data }) => tf.tensor(data, shape))
    const norm = globalNorm(tensors)
    const factor = clipFactor(norm, entry.maxNorm)
    expect(Math.abs(norm - entry.totalNormBefore)).toBeLessThanOrEqual(1e-6 * entry.totalNormBefore)
    expect(Math.abs(factor - entry.coefficient)).toBeLessThan(1e-6)
    const after = tensors.map((tensor) => tf.mul(tensor, factor))
    entry.after.forEach(({ data }, i) => {
      expect(largestDifference(after[i].dataSync(), data)).toBeLessThan(1e-6)
    })
    expect(globalNorm(after)).toBeLessThanOrEqual(entry.maxNorm + 1e-6)
    tf.dispose([tensors, after])
  })

  it('changes the steps of training as worked out by hand', async () => {
    // loss 3 x², gradient 6 x from x = 1: clipped to 0.3 for every x > 0.05.
    const [learningRate, clipNorm, steps] = [1e-3, 0.3, 10]
    let [x, first, second] = [1, 0, 0]
    const norms: number[] = []
    for (let t = 1; t <= steps; t++) {
      const gradient = 6 * x * Math.min(1, clipNorm / (6 * x + 1e-6))
      norms.push(6 * x)
      first = 0.9 * first + 0.1 * gradient
      second = 0.999 * second + 0.001 * gradient ** 2
      const root = Math.sqrt(second / (1 - 0.999 ** t))
      x -= (learningRate * (first / (1 - 0.9 ** t))) / (root + 1e-8)
    }
    const split = scriptedSplit()
    const model = ScriptedModel.onSplit(split)
    const settings = { model, split, learningRate, progress: 'none' } as const
    const { epochs } = await new Trainer({
      ...{ ...settings, epochs: 1, batchSize: 1, sampling: 'interaction-shuffle', clipNorm },
    }).fit()
    expect(epochs[0].steps).toBe(steps)
    expect(model.number).toBeCloseTo(x, 6)
    const { mean, largest, clippedShare } = epochs[0].gradientNorm ?? {}
    expect(clippedShare).toBe(1)
    expect(largest).toBeCloseTo(6, 6)
    expect(mean).toBeCloseTo(norms.reduce((a, b) => a + b) / steps, 5)
    model.dispose()
  })

  it('leaves gradients below the limit alone', async () => {
    const split = scriptedSplit()
    const train = async (clipNorm?: number) => {
      const model = ScriptedModel.onSplit(split)
      const { epochs } = await new Trainer({
        ...{ model, split, epochs: 2, batchSize: 3, learningRate: 0.01, sampling: 'user-uniform' },
        ...(clipNorm && { clipNorm }),
        progress: 'none',
      }).fit()
      return { number: model.number, epochs }
    }
    const [clipped, plain] = [await train(100), await train()]
    expect(clipped.number).toBe(plain.number)
    expect(clipped.epochs[0].gradientNorm?.clippedShare).toBe(0)
    expect(plain.epochs[0]).not.toHaveProperty('gradientNorm')
  })
})
