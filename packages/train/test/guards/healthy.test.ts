import { BipartiteGraph, type Split } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  SvdGcn,
} from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, expect, it } from 'vitest'
import { Trainer, type TrainerOptions } from '../../src/index.js'
import { plantedBlocks } from '../support/splits.js'

/** Long enough for a third look, more than 30 epochs after the first. */
const settings = {
  epochs: 34,
  learningRate: 5e-3,
  sampling: 'user-uniform',
  metrics: ['ndcg@10'],
  guards: { 'below-popularity': { level: 'warn', afterEpochs: 10 } },
  progress: 'none',
} as const

type MakeModel = (graph: BipartiteGraph) => GraphModel
interface Case {
  readonly name: string
  readonly split: Split
  readonly make: MakeModel
  readonly changes?: Partial<TrainerOptions>
}

const small = { embeddingDim: 16 }

const cases: readonly Case[] = [
  {
    name: 'BPR-MF',
    split: plantedBlocks(1),
    make: (graph) => new BprMf(graph, { ...small, l2Weight: 3e-2 }),
  },
  {
    name: 'LightGCN',
    split: plantedBlocks(2),
    make: (graph) => new LightGcn(graph, { ...small, l2Weight: 1e-2 }),
  },
  {
    name: 'LightGCN from a small start, slowly',
    split: plantedBlocks(3),
    make: (graph) => new LightGcn(graph, { ...small, initialDeviation: 0.01 }),
    changes: { learningRate: 1e-3 },
  },
  {
    name: 'LightGCN with dropout, binary cross-entropy and a warm-up',
    split: plantedBlocks(4, 30),
    make: (graph) => new LightGcn(graph, { ...small, edgeDropout: 0.3, loss: { name: 'bce' } }),
    changes: {
      schedule: { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.01 },
      clipNorm: 1,
    },
  },
  {
    name: 'GCNII',
    split: plantedBlocks(5, 30),
    make: (graph) => new Gcnii(graph, { ...small, layers: 3 }),
  },
  {
    name: 'DGR',
    split: plantedBlocks(6, 30),
    make: (graph) => new Dgr(graph, { ...small, neighbours: 5 }),
  },
  {
    name: 'SVD-GCN',
    split: plantedBlocks(7),
    make: (graph) => new SvdGcn(graph, { ...small, variant: 'M', rank: 20 }),
    changes: { optimizer: { name: 'sgd' }, learningRate: 5 },
  },
  {
    name: 'LayerGCN',
    split: plantedBlocks(8),
    make: (graph) => new LayerGcn(graph, small),
    changes: { sampling: 'interaction-shuffle' },
  },
  {
    // It scores all items alike for them.
    name: 'LayerGCN with users who have no row in train',
    split: plantedBlocks(8, 40, { coldUsers: 12 }),
    make: (graph) => new LayerGcn(graph, small),
    changes: { sampling: 'interaction-shuffle' },
  },
  {
    name: 'GroupShuffle',
    split: plantedBlocks(9, 30),
    make: (graph) => new GroupShuffle(graph, small),
  },
  {
    name: 'BPR-MF with DirectAU from a large start, by a lazy Adam',
    split: plantedBlocks(10),
    make: (graph) =>
      new BprMf(graph, {
        ...small,
        initialDeviation: 1,
        l2Weight: 1e-2,
        loss: { name: 'direct-au' },
      }),
    changes: { optimizer: { name: 'lazy-adam' } },
  },
]

beforeAll(() => useBackend('simd', { threads: 2 }))

it.each(cases)('raises no alarm while $name learns', async ({ split, make, changes }) => {
  const graph = BipartiteGraph.fromInteractions(split.train)
  const model = make(graph)
  const batchSize = Math.floor(graph.edgeCount / 27)
  const trainer = new Trainer({ model, split, batchSize, ...settings, ...changes })
  const { findings, epochs } = await trainer.fit()
  model.dispose()
  expect(epochs.reduce((sum, { steps }) => sum + steps, 0)).toBeGreaterThan(33 * 27)
  expect(findings).toEqual([])
})
