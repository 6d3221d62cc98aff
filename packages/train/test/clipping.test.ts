import { globalNorm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { TensorGradients, Trainer } from '../src/index.js'
import { clipFactor, clipGradients } from '../src/step/clipping.js'
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

  it.each([
    [1e-6, 1e-6, 0.5],
    [3e-6, 1e-6, 0.25],
    [5e-7, 1e-6, 2 / 3],
    [0, 1e-6, 1],
    [0, 5e-7, 0.5],
    [1e-6, 1e-5, 1],
  ])(
    'adds 1e-6 to a norm, as PyTorch does: norm %d to %d gives the factor %d',
    async (norm, clipNorm, factor) => {
      expect(clipFactor(norm, clipNorm)).toBeCloseTo(factor, 12)
      const gradients = new TensorGradients({ a: tf.tensor1d([norm]) })
      const { scale } = await clipGradients(gradients, { clipNorm })
      expect(scale).toBeCloseTo(factor, 6)
      gradients.dispose()
    },
  )

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
    const settings = { model, split, learningRate, progress: 'none', guards: false } as const
    const { epochs } = await new Trainer({
      ...settings,
      epochs: 1,
      batchSize: 1,
      sampling: 'interaction-shuffle',
      clipNorm,
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
        model,
        split,
        epochs: 2,
        batchSize: 3,
        learningRate: 0.01,
        sampling: 'user-uniform',
        ...(clipNorm && { clipNorm }),
        progress: 'none',
        guards: false,
      }).fit()
      return { number: model.number, epochs }
    }
    const [clipped, plain] = [await train(100), await train()]
    expect(clipped.number).toBe(plain.number)
    expect(clipped.epochs[0].gradientNorm?.clippedShare).toBe(0)
    expect(plain.epochs[0]).not.toHaveProperty('gradientNorm')
  })

  it('cuts single numbers, before the norm, and counts the steps', async () => {
    // loss 3 x² in steps of plain descent: gradient 6 x, cut to 2 while x > 1/3.
    const [learningRate, clipValue, steps] = [0.1, 2, 10]
    let x = 1
    let cut = 0
    for (let t = 0; t < steps; t++) {
      if (6 * x > clipValue) cut++
      x -= learningRate * Math.min(6 * x, clipValue)
    }
    expect(cut).toBe(4)
    const split = scriptedSplit()
    const train = async (extra: object) => {
      const model = ScriptedModel.onSplit(split)
      const { epochs } = await new Trainer({
        model,
        split,
        learningRate,
        clipValue,
        epochs: 1,
        batchSize: 1,
        progress: 'none',
        guards: false,
        sampling: 'interaction-shuffle',
        optimizer: { name: 'sgd' },
        ...extra,
      }).fit()
      const { number } = model
      model.dispose()
      return { number, record: epochs[0] }
    }
    const { number, record } = await train({})
    expect(number).toBeCloseTo(x, 6)
    expect(record.valueClippedShare).toBe(cut / steps)
    expect(record).not.toHaveProperty('gradientNorm')
    const both = await train({ clipNorm: 100 })
    expect(both.record.gradientNorm?.largest).toBeCloseTo(2, 6)
    expect(both.record.gradientNorm?.clippedShare).toBe(0)
    expect((await train({ clipValue: 7 })).record.valueClippedShare).toBe(0)
  })

  it('cuts both signs and leaves the rest', async () => {
    const gradients = new TensorGradients({ a: tf.tensor1d([-3, 0.5]), b: tf.tensor1d([4]) })
    const before = tf.memory().numTensors
    expect((await clipGradients(gradients, { clipValue: 1 })).valueClipped).toBe(true)
    const { a, b } = gradients.tensors
    expect([...a.dataSync(), ...b.dataSync()]).toEqual([-1, 0.5, 1])
    expect((await clipGradients(gradients, { clipValue: 1 })).valueClipped).toBe(false)
    expect(tf.memory().numTensors).toBe(before)
    gradients.dispose()
  })

  it('finds a gradient that is not finite with clipValue alone', async () => {
    const split = scriptedSplit()
    const model = ScriptedModel.onSplit(split)
    model.lossTerms = () => {
      const { number } = model.parameters()
      const total = tf.tidy(() => tf.sum(tf.sqrt(tf.sub(number, tf.clone(number)))) as tf.Scalar)
      return { total, terms: {} }
    }
    const before = tf.memory().numTensors
    await expect(
      new Trainer({
        model,
        split,
        learningRate: 1,
        clipValue: 1,
        epochs: 1,
        batchSize: 1,
        sampling: 'interaction-shuffle',
        progress: 'none',
        guards: false,
      }).fit(),
    ).rejects.toThrow(/gradient's norm of ScriptedModel is NaN in epoch 1, step 1/)
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(1)
    model.dispose()
  })
})
