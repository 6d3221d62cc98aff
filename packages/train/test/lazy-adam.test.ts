import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { Adam, LazyAdam, Trainer } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { largestDifference } from './support/fixtures.js'
import { plantedBlocks } from './support/splits.js'

/** Steps on a table of three rows; each step says which rows have a gradient. */
function run(optimizer: Adam | LazyAdam, steps: readonly (readonly number[])[]) {
  const x = tf.variable(tf.tensor2d([1, 1, 1, 1, 1, 1], [3, 2]))
  for (const rows of steps) {
    const values = [0, 1, 2].flatMap((row) => (rows.includes(row) ? [0.5, 0] : [0, 0]))
    const gradient = tf.tensor2d(values, [3, 2])
    optimizer.step({ x }, { x: gradient }, { learningRate: 0.1 })
    gradient.dispose()
  }
  optimizer.dispose()
  const values = [...x.dataSync()]
  x.dispose()
  return values
}

describeEachBackend('LazyAdam', () => {
  it('is Adam where every row has a gradient', () => {
    const all = Array.from({ length: 20 }, () => [0, 1, 2])
    expect(largestDifference(run(new LazyAdam(), all), run(new Adam(), all))).toBeLessThan(1e-6)
  })

  it('leaves rows without a gradient where they are, and counts the steps of the table', () => {
    // Steps as PyTorch's SparseAdam has them: t goes on while the row rests.
    const [learningRate, beta1, beta2] = [0.1, 0.9, 0.999]
    let [x, first, second] = [1, 0, 0]
    for (const t of [1, 5]) {
      first = beta1 * first + (1 - beta1) * 0.5
      second = beta2 * second + (1 - beta2) * 0.25
      const root = Math.sqrt(second / (1 - beta2 ** t)) + 1e-8
      x -= (learningRate * (first / (1 - beta1 ** t))) / root
    }
    const values = run(new LazyAdam(), [[0], [1], [1], [1], [0, 1]])
    expect(values[0]).toBeCloseTo(x, 6)
    expect(values.slice(4)).toEqual([1, 1])
    // Dense Adam goes on along the momentum of the first step: it is farther than a step away.
    const dense = run(new Adam(), [[0], [1], [1], [1], [0, 1]])
    expect(values[0] - dense[0]).toBeGreaterThan(0.1)
    expect(dense.slice(4)).toEqual([1, 1])
  })

  it('takes zeros for no gradient, so that a visited row may rest too', () => {
    const x = tf.variable(tf.tensor2d([1, 2], [2, 1]))
    const lazy = new LazyAdam()
    const gradient = tf.tensor2d([-0, 3], [2, 1])
    lazy.step({ x }, { x: gradient }, { learningRate: 0.1 })
    expect(x.dataSync()[0]).toBe(1)
    expect(x.dataSync()[1]).toBeCloseTo(1.9, 5)
    lazy.dispose()
    tf.dispose([x, gradient])
  })

  it.each([
    // Few of the 80 users are in a batch of 8, and BPR-MF gives no other a gradient.
    { Model: BprMf, batchSize: 8, isAdam: false },
    { Model: LightGcn, batchSize: 1000, isAdam: true },
  ])('trains $Model.name in batches of $batchSize, as Adam: $isAdam', async (entry) => {
    const { Model, batchSize, isAdam } = entry
    const split = plantedBlocks(1)
    const graph = BipartiteGraph.fromInteractions(split.train)
    const weights = async (name: 'adam' | 'lazy-adam') => {
      const model = new Model(graph, { embeddingDim: 8, l2Weight: 1e-3 })
      const { epochs } = await new Trainer({
        model,
        split,
        epochs: 10,
        batchSize,
        learningRate: 0.01,
        sampling: 'user-uniform',
        optimizer: { name },
        progress: 'none',
      }).fit()
      expect(epochs[9].loss).toBeLessThan(epochs[0].loss)
      const data = (await model.weights()).get('userEmbeddings')?.data ?? []
      model.dispose()
      return data
    }
    const difference = largestDifference(await weights('adam'), await weights('lazy-adam'))
    if (isAdam) expect(difference).toBeLessThan(1e-5)
    else expect(difference).toBeGreaterThan(0.02)
  })
})
