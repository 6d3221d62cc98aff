import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, fromRecords, InvalidOptionsError } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { LearnedLayers } from '../src/learned-layers.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

/** Two groups of 20 users and 20 items; each user has 12 items of the own group. */
const interactions = fromRecords(
  Array.from({ length: 40 * 12 }, (_, n) => {
    const user = Math.floor(n / 12)
    return { user, item: (user < 20 ? 0 : 20) + ((user * 7 + n) % 20) }
  }),
)
const split = randomSplit(interactions, { ratios: [0.6, 0.2, 0.2], seed: 1 })
const graph = BipartiteGraph.fromInteractions(split.train)

it('is LightGcn until its layer weights are trained', () => {
  const options = { embeddingDim: 8, layers: 2, seed: 5 }
  const [own, lightGcn] = [new LearnedLayers(graph, options), new LightGcn(graph, options)]
  const difference = tf.tidy(() => {
    const [a, b] = [own.forward(), lightGcn.forward()]
    return tf.max(tf.abs(tf.sub(a.users, b.users))).dataSync()[0]
  })
  expect(difference).toBeLessThan(1e-6)
  for (const model of [own, lightGcn]) model.dispose()
})

it('is trained, judged, saved, loaded and served like the models of the package', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'learned-layers-'))
  const model = new LearnedLayers(graph, { embeddingDim: 8, layers: 2 })
  const tensors = model.describe().tensors.map(({ name, shape }) => [name, shape])
  expect(tensors).toContainEqual(['layerWeights', [3]])
  try {
    const history = await new Trainer({
      model,
      split,
      epochs: 30,
      batchSize: 64,
      learningRate: 0.02,
      progress: 'none',
      sampling: 'interaction-shuffle',
      metrics: ['recall@5'],
      evaluateEvery: 5,
    }).fit()
    expect(history.epochs[29].loss).toBeLessThan(history.epochs[0].loss)
    const weights = (await model.weights()).get('layerWeights')?.data
    expect(new Set(weights).size).toBeGreaterThan(1)

    const recommender = await model.toRecommender()
    const report = await evaluate(recommender, { split, on: 'test', metrics: ['recall@5'] })
    // A third of the unseen items are of the own group, which is what chance would reach.
    expect(report.metrics['recall@5']).toBeGreaterThan(0.5)

    await model.save(folder)
    const served = await Recommender.load(folder)
    expect(served.recommend(3, { k: 5 })).toEqual(recommender.recommend(3, { k: 5 }))
    const loaded = await LearnedLayers.load(folder)
    expect(await loaded.weights()).toEqual(await model.weights())
    await expect(LightGcn.load(folder)).rejects.toThrow("has the architecture 'learned-layers'")
    loaded.dispose()
  } finally {
    model.dispose()
    rmSync(folder, { recursive: true })
  }
})

it('refuses what it does not know', () => {
  expect(() => new LearnedLayers(graph, { layer: 2 } as never)).toThrow(InvalidOptionsError)
  expect(() => new LearnedLayers(graph, { layers: 0 })).toThrow(InvalidOptionsError)
})
