import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { Dgr, LayerGcn, LightGcn, models, type TrainingSettings } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { Recommender } from '@gnnrec/serving'
import { Trainer } from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutOfCoreModelSettings } from '../src/models/resolved-model.ts'
import { collected } from './support/collected.ts'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let runs = 0

beforeAll(() => useBackend('simd', { threads: 2 }))
afterAll(() => useBackend('simd', { threads: 1 }))

interface Training {
  readonly split: Split
  readonly model: OutOfCoreModelSettings
  readonly training: TrainingSettings & {
    readonly metrics?: readonly string[]
    readonly seed?: number
  }
}

async function trainInMemory({ split, model: settings, training }: Training) {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = models.createTrained(graph, settings)
  const trainer = new Trainer({ model, split, progress: 'none', ...training })
  const history = await trainer.fit()
  const recommender = await model.toRecommender()
  const path = join(folder, `saved-${runs++}`)
  await model.save(path, { foldIn: false })
  const result = { history, weights: await model.weights(), recommender, path }
  model.dispose()
  graph.dispose()
  return result
}

const smallest = async ({ split, model: settings, training }: Training): Promise<number> => {
  try {
    new OutOfCoreTrainer({
      model: settings,
      split,
      folder: join(folder, 'none'),
      maxMemory: 1,
      ...training,
    })
  } catch (error) {
    return (error as { smallest: number }).smallest
  }
  throw new Error('One byte was enough.')
}

async function trainInBlocks({ split, model: settings, training }: Training, maxMemory: number) {
  const trainer = new OutOfCoreTrainer({
    model: settings,
    split,
    folder: join(folder, `run-${runs++}`),
    maxMemory,
    ...training,
  })
  return trainer.fit()
}

/** Histories but for times. */
const facts = (history: Awaited<ReturnType<Trainer['fit']>>) => ({
  ...history,
  seconds: 0,
  epochs: history.epochs.map((record) => ({
    ...record,
    seconds: 0,
    evaluationSeconds: 0,
    guardSeconds: 0,
  })),
})

/** Files of a folder by name. */
const filesIn = (path: string) =>
  Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('hex')]),
  )

async function expectSame(training: Training, maxMemory: number) {
  const tensors = tf.memory().numTensors
  const expected = await trainInMemory(training)
  const model = await trainInBlocks(training, maxMemory)
  expect(facts(model.history)).toEqual(facts(expected.history))
  expect(await model.weights()).toEqual(expected.weights)
  const recommender = await model.toRecommender()
  const users = Int32Array.from({ length: Math.min(20, recommender.userCount) }, (_, user) => user)
  const scores = (ranker: {
    itemCount: number
    scoreUsers(users: Int32Array, out: Float32Array): void
  }) => {
    const out = new Float32Array(users.length * ranker.itemCount)
    ranker.scoreUsers(users, out)
    return out
  }
  expect(scores(recommender)).toEqual(scores(expected.recommender))
  expect(scores(await model.ranker())).toEqual(scores(expected.recommender))
  for (const options of [{}, { k: 3, excludeSeen: false, blockSize: 7 }]) {
    const lists = await collected(model.recommendAll(options))
    const ofMemory = await collected(expected.recommender.recommendAll(options))
    expect(lists.flat()).toEqual(ofMemory.flat())
  }
  const path = join(folder, `saved-${runs++}`)
  await model.save(path)
  expect(filesIn(path)).toEqual(filesIn(expected.path))
  await model.close()
  expect(tf.memory().numTensors).toBe(tensors)
}

const training = {
  epochs: 3,
  batchSize: 400,
  learningRate: 0.01,
  sampling: 'user-uniform',
} as const

describe('a training in blocks has the bytes of one in memory', () => {
  const cases: Record<
    string,
    {
      options?: object
      training?: Partial<Training['training']>
      architecture?: 'layer-gcn' | 'dgr'
    }
  > = {
    'BPR and L2': { options: { embeddingDim: 64, l2Weight: 1e-2 } },
    'without L2': { options: { embeddingDim: 64, layers: 1, l2Weight: 0 } },
    'weights of layers': { options: { embeddingDim: 8, layers: 2, layerWeights: [0, 0.25, 0.75] } },
    'another initialization': { options: { embeddingDim: 7, initialization: 'xavier-uniform' } },
    'softmax within the batch': {
      options: LightGcn.presets.fast.model,
      training: { sampling: 'interaction-shuffle', schedule: { name: 'cosine', per: 'step' } },
    },
    'a bias of items': { options: { embeddingDim: 8, loss: { name: 'bce', itemBias: true } } },
    'several negatives and clipping': {
      options: { embeddingDim: 64 },
      training: { negativesPerPositive: 3, clipNorm: 0.01, negatives: { popularityExponent: 0.5 } },
    },
    'cut gradients': {
      options: { embeddingDim: 64, loss: { name: 'bce', itemBias: true } },
      training: { clipValue: 1e-4 },
    },
    'cut gradients of a limited norm': {
      options: { embeddingDim: 8, l2Weight: 0.1 },
      training: { clipValue: 1e-4, clipNorm: 1e-3, metrics: ['recall@5'] },
    },
    'steps of several batches': {
      options: { embeddingDim: 64, loss: { name: 'bpr', itemBias: true } },
      training: { batchSize: 130, accumulateSteps: 3, clipNorm: 0.05 },
    },
    'steps of several batches, the last of fewer': {
      options: LightGcn.presets.fast.model,
      training: {
        batchSize: 300,
        accumulateSteps: 4,
        clipValue: 1e-3,
        epochs: 2,
        sampling: 'interaction-shuffle',
        schedule: { name: 'cosine', per: 'step' },
      },
    },
    'an end by the loss': {
      options: { embeddingDim: 8 },
      training: {
        epochs: 8,
        learningRate: 0.3,
        earlyStopping: { metric: 'loss', patience: 1, minimumChange: 0.3 },
      },
    },
    'validation and early stopping': {
      options: { embeddingDim: 8 },
      training: {
        epochs: 12,
        learningRate: 0.1,
        earlyStopping: { metric: 'ndcg@5', patience: 2 },
        metrics: ['recall@5'],
      },
    },
    'a bias and validation': {
      options: { embeddingDim: 8, loss: { name: 'bpr', itemBias: true } },
      training: { learningRate: 0.3, epochs: 6, metrics: ['recall@5'] },
    },
    'LayerGCN with pruned edges': {
      architecture: 'layer-gcn',
      options: { embeddingDim: 64, layers: 3, edgePruning: 0.2 },
      training: { metrics: ['recall@5'] },
    },
    'LayerGCN, steps of several batches': {
      architecture: 'layer-gcn',
      options: { embeddingDim: 8, layers: 2, edgePruning: 0.2 },
      training: { batchSize: 150, accumulateSteps: 2, clipValue: 1e-3 },
    },
    'DGR, steps of several batches': {
      architecture: 'dgr',
      options: { embeddingDim: 8, layers: 2 },
      training: { batchSize: 150, accumulateSteps: 2, clipNorm: 0.1 },
    },
    'LayerGCN with one layer': {
      architecture: 'layer-gcn',
      options: { embeddingDim: 7, layers: 1, edgePruning: 0 },
    },
    'LayerGCN with the settings of its authors': {
      architecture: 'layer-gcn',
      options: LayerGcn.presets.paper.mooc.model,
      training: { sampling: 'interaction-shuffle', clipNorm: 0.5 },
    },
    'DGR with the settings of its authors': {
      architecture: 'dgr',
      options: Dgr.presets.paper.model,
      training: { sampling: 'interaction-shuffle', metrics: ['recall@5'] },
    },
    'DGR with L2 on layer 0': {
      architecture: 'dgr',
      options: {
        embeddingDim: 32,
        layers: 2,
        neighbours: 3,
        neighbourWeight: 0.1,
        marginalWeight: 1e-3,
        projection: 'exact',
        regularization: 'layer-zero',
        l2Weight: 1e-2,
      },
    },
    'DGR without neighbours or desmoothing': {
      architecture: 'dgr',
      options: {
        embeddingDim: 8,
        layers: 1,
        desmoothing: [0],
        neighbourWeight: 0,
        marginalWeight: 0,
      },
    },
    cosines: {
      options: { embeddingDim: 48, loss: { name: 'direct-au', rankBy: 'cosine' } },
      training: { metrics: ['recall@5'] },
    },
  }
  for (const architecture of models.names({ files: true })) {
    it(`${architecture} with its defaults`, async () => {
      const split = madeSplit({ users: 600, items: 400 })
      const model = { architecture } as OutOfCoreModelSettings
      const given: Training = { split, model, training: { ...training, metrics: ['recall@5'] } }
      await expectSame(given, await smallest(given))
    })
  }

  for (const [name, { architecture = 'light-gcn', options = {}, training: own }] of Object.entries(
    cases,
  )) {
    it(name, async () => {
      const split = madeSplit({ users: 600, items: 400 })
      const model = { architecture, options } as OutOfCoreModelSettings
      const given = { split, model, training: { ...training, ...own } as Training['training'] }
      await expectSame(given, await smallest(given))
      await expectSame(given, 1e9)
    })
  }
})

it('trains the presets on the bundled ratings to the same bytes, and saves a model that answers', async () => {
  const { interactions } = await loadMovieTweetings()
  const split = temporalSplit(interactions, { scope: 'user', ratios: [0.7, 0.1, 0.2] })
  for (const preset of [LightGcn.presets.fast, LightGcn.presets.paper]) {
    const given = {
      split,
      model: { architecture: 'light-gcn', options: preset.model } as OutOfCoreModelSettings,
      training: { ...preset.training, epochs: 2, metrics: ['recall@20'] } as Training['training'],
    }
    const expected = await trainInMemory(given)
    const model = await trainInBlocks(given, (await smallest(given)) + 2e6)
    expect(facts(model.history)).toEqual(facts(expected.history))
    expect(await model.weights()).toEqual(expected.weights)
    const path = join(folder, `model-${runs}`)
    await model.save(path)
    const options = { split, on: 'test', metrics: ['recall@20', 'ndcg@20'] } as const
    const loaded = await Recommender.load(path)
    const report = await evaluate(loaded, options)
    expect(report.metrics).toEqual((await evaluate(expected.recommender, options)).metrics)
    expect((await evaluate(await model.ranker(), options)).metrics).toEqual(report.metrics)
    await model.close()
  }
})
