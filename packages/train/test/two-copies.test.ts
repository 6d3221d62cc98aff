import { compareReports, evaluate, measureSmoothing } from '@gnnrec/eval'
import { GraphModel, LightGcn, models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import {
  EmbeddingRecommender,
  ItemSimilarityRecommender,
  RandomRecommender,
  type Recommender,
} from '@gnnrec/serving'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { estimateTrainingMemory, Trainer } from '../src/index.js'

// A second copy of each package, as npm installs them where versions do not fit each other.
let graph: typeof import('@gnnrec/graph')
let evaluation: typeof import('@gnnrec/eval')
let otherModels: typeof import('@gnnrec/models')
let training: typeof import('../src/index.js')
let ops: typeof import('@gnnrec/ops')

beforeAll(async () => {
  await useBackend('simd', { threads: 2 })
  vi.resetModules()
  graph = await import('@gnnrec/graph')
  evaluation = await import('@gnnrec/eval')
  otherModels = await import('@gnnrec/models')
  training = await import('../src/index.js')
  ops = await import('@gnnrec/ops')
  expect(otherModels.LightGcn).not.toBe(LightGcn)
})

function otherSplit() {
  const rng = graph.Rng.fromSeed('copies')
  const table = graph.fromRecords(
    Array.from({ length: 400 }, (_, row) => ({ user: row % 40, item: rng.integer(30) })),
  )
  const rows = Array.from({ length: 400 }, (_, row) => row)
  return graph.splitRows(
    table,
    {
      train: rows.filter((row) => Math.floor(row / 40) % 4 > 1),
      validation: rows.filter((row) => Math.floor(row / 40) % 4 === 1),
      test: rows.filter((row) => Math.floor(row / 40) % 4 === 0),
    },
    { name: 'copies' },
  )
}

describe('objects of a second copy of a package', () => {
  it('are trained on, judged and estimated as those of the first, to the same bytes', async () => {
    const split = otherSplit()
    const losses: number[] = []
    for (const [of, Model] of [
      [Trainer, LightGcn],
      [training.Trainer, otherModels.LightGcn],
      // A trainer of one copy and a model of the other.
      [Trainer, otherModels.LightGcn],
    ] as const) {
      const network = graph.BipartiteGraph.fromInteractions(split.train)
      const model = new Model(network, { embeddingDim: 8, layers: 2 })
      const trainer = new of({
        model: model as unknown as LightGcn,
        split,
        epochs: 2,
        metrics: ['recall@5'],
        progress: 'none',
      })
      const history = await trainer.fit()
      losses.push(history.epochs[1]?.loss as number)
      const recommender = await model.toRecommender()
      const report = await evaluate(recommender, { split, on: 'test', metrics: ['recall@5'] })
      const other = await evaluation.evaluate(recommender, {
        split,
        on: 'test',
        metrics: ['recall@5'],
      })
      expect(compareReports(report, other).metrics['recall@5']?.difference).toBe(0)
      model.dispose()
      network.dispose()
    }
    expect(new Set(losses).size).toBe(1)
    const network = graph.BipartiteGraph.fromInteractions(split.train)
    const memory = estimateTrainingMemory({
      graph: network,
      model: { architecture: 'light-gcn' },
      training: { epochs: 1 },
    })
    expect(memory.parts.graph).toBe(0)
  })

  it('are trained by one copy at a time', async () => {
    const network = graph.BipartiteGraph.fromInteractions(otherSplit().train)
    const model = new LightGcn(network, { embeddingDim: 4 })
    const settings = { model, epochs: 1, progress: 'none' } as const
    const first = new Trainer(settings).fit()
    await expect(new training.Trainer(settings).fit()).rejects.toMatchObject({
      code: 'MODEL_IN_TRAINING',
    })
    await first
    await new training.Trainer(settings).fit()
    model.dispose()
    network.dispose()
  })

  it('are served', async () => {
    const { train } = otherSplit()
    const seen = graph.interactionLists(train)
    const { users, items } = train
    const parts = { users, items, seen }
    const recommenders: Recommender[] = [
      new EmbeddingRecommender({
        ...parts,
        embeddingDim: 1,
        userEmbeddings: new Float32Array(users.size).fill(1),
        itemEmbeddings: Float32Array.from(items.ids, Number),
      }),
      new ItemSimilarityRecommender({
        ...parts,
        weights: graph.SparseMatrix.fromCoordinates({
          rows: items.size,
          columns: items.size,
          rowIndices: [0],
          columnIndices: [1],
          values: [1],
        }),
      }),
      new RandomRecommender({ ...parts, rng: graph.Rng.fromSeed(1) }),
    ]
    for (const recommender of recommenders) {
      expect(recommender.recommend(users.idOf(0), { k: 3 }).items).toHaveLength(3)
    }
  })

  it('are measured, and models are models', async () => {
    const network = graph.BipartiteGraph.fromInteractions(otherSplit().train)
    const layer = {
      users: new Float32Array(2 * network.userCount).fill(1),
      items: new Float32Array(2 * network.itemCount).fill(2),
      dimensions: 2,
    }
    expect((await measureSmoothing(network, layer)).meanCosine).toBeCloseTo(1)
    expect(otherModels.LightGcn.prototype).toBeInstanceOf(GraphModel)
    const registry = models.with(
      class Own extends (otherModels.LightGcn as typeof LightGcn) {
        static override readonly architecture = 'own' as 'light-gcn'
      },
    )
    const model = registry.createTrained(network, { architecture: 'own' })
    expect(model.architecture).toBe('own')
    model.dispose()
  })

  it('use the backend that the first copy started, on every backend with kernels of ours', async () => {
    const network = graph.BipartiteGraph.fromInteractions(otherSplit().train)
    const matrix = network.biadjacency()
    for (const name of ['cpu', 'simd'] as const) {
      await useBackend(name)
      const product = tf.tidy(() =>
        ops.spmm(matrix, tf.ones<tf.Rank.R2>([matrix.columns, 2])).dataSync(),
      )
      expect(product).toHaveLength(2 * matrix.rows)
      expect(product[0]).toBeGreaterThan(0)
    }
    network.dispose()
  })
})
