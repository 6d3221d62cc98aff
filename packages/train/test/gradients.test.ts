import { type Batch, BipartiteGraph } from '@gnnrec/graph'
import { BprMf, LightGcn } from '@gnnrec/models'
import type { Scalar } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { Trainer } from '../src/index.js'
import { describeEachBackend } from './support/backends.js'
import { largestDifference } from './support/fixtures.js'
import { bprTerm, centralDifferences, type Tables } from './support/reference-loss.js'
import { splitOf } from './support/splits.js'

const split = splitOf({
  itemCount: 5,
  train: [[0, 1], [1, 2, 4], [3], [0, 3], [2], [1, 4], [0]],
})
const graph = BipartiteGraph.fromInteractions(split.train)
const batch: Batch = {
  users: Int32Array.of(1, 0, 1, 3),
  positives: Int32Array.of(4, 1, 2, 3),
  negatives: Int32Array.of(0, 2, 3, 4),
}
const settings = { epochs: 1, batchSize: 3, learningRate: 0.05, progress: 'none' } as const

function gradientsOf(model: BprMf | LightGcn, term: () => Scalar): Record<string, Float32Array> {
  const parameters = Object.entries(model.parameters())
  const { value, grads } = tf.variableGrads(
    term,
    parameters.map(([, variable]) => variable),
  )
  const read = parameters.map(([name, { name: id }]) => [name, grads[id].dataSync().slice()])
  tf.dispose([value, grads])
  return Object.fromEntries(read)
}

describeEachBackend('gradients', () => {
  it.each([0, 1, 3])(
    'are those of the BPR term of the parameters as they stand after steps, with %i layers',
    async (layers) => {
      const model = new LightGcn(graph, { embeddingDim: 4, layers, l2Weight: 0, seed: 2 })
      const start = await model.weights()
      const trainer = new Trainer({ model, split, ...settings, sampling: 'interaction-shuffle' })
      const { epochs } = await trainer.fit()
      expect(epochs[0].steps).toBeGreaterThanOrEqual(2)
      const weights = await model.weights()
      expect(weights).not.toEqual(start)
      const tables: Tables = Object.fromEntries(
        [...weights].map(([name, { data }]) => [name, Float64Array.from(data)]),
      )
      const expected = centralDifferences(
        (moved) => bprTerm(graph, batch, moved, layers),
        tables,
        1e-5,
      )
      const gradients = gradientsOf(model, () => model.loss(batch))
      const largest = Math.max(
        ...Object.values(expected).flatMap((table) => [...table].map(Math.abs)),
      )
      expect(largest).toBeGreaterThan(1e-3)
      for (const [name, table] of Object.entries(expected)) {
        expect(largestDifference(gradients[name], table)).toBeLessThan(2e-4 * largest)
      }
      model.dispose()
    },
  )

  it.each([
    ['BprMf', BprMf],
    ['LightGcn', LightGcn],
  ] as const)('of the L2 term of %s are exactly 0 in rows outside the batch', (_, Model) => {
    const model = new Model(graph, { embeddingDim: 4, l2Weight: 0.5 })
    const { userEmbeddings, itemEmbeddings } = gradientsOf(
      model,
      () => model.lossTerms(batch).terms['l2'],
    )
    const isZero = (table: Float32Array, row: number) =>
      table.subarray(4 * row, 4 * row + 4).every((value) => value === 0)
    const [users, items] = [new Set(batch.users), new Set([...batch.positives, ...batch.negatives])]
    for (let user = 0; user < 7; user++) expect(isZero(userEmbeddings, user)).toBe(!users.has(user))
    for (let item = 0; item < 5; item++) expect(isZero(itemEmbeddings, item)).toBe(!items.has(item))
    expect(users.size).toBeLessThan(7)
    model.dispose()
  })
})
