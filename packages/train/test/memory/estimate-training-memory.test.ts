import { BipartiteGraph, type Split } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { LightGcn, type ModelSettings, models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import {
  estimateTrainingMemory,
  Trainer,
  type TrainerOptions,
  type TrainingMemoryOptions,
} from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { kernelPeakWhile } from '../support/kernel-peak.js'
import { randomSplit } from '../support/splits.js'

const training = {
  epochs: 1,
  batchSize: 512,
  learningRate: 1e-3,
  sampling: 'user-uniform',
  metrics: ['ndcg@10'],
} as const
const small = { users: 300, items: 200, edges: 3000 }
const quiet = { progress: 'none', handleInterrupt: false } as const
const lightGcn = { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 2 } }

const split: Split = randomSplit({ seed: 5, users: 1500, items: 1000, perUser: 8 })

const embeddingDim = 32

beforeEach(() => useBackend('simd', { threads: 1 }))

describe('estimateTrainingMemory', () => {
  it.each<[string, ModelSettings, Partial<TrainerOptions>?]>([
    ['LightGCN', { architecture: 'light-gcn', options: { embeddingDim } }],
    ['LightGCN of one layer', { architecture: 'light-gcn', options: { embeddingDim, layers: 1 } }],
    [
      'LightGCN without guards',
      { architecture: 'light-gcn', options: { embeddingDim } },
      { guards: false },
    ],
    [
      'LightGCN with dropout',
      { architecture: 'light-gcn', options: { embeddingDim, edgeDropout: 0.2 } },
    ],
    [
      'LightGCN with four negatives',
      { architecture: 'light-gcn', options: { embeddingDim } },
      { negativesPerPositive: 4 },
    ],
    [
      'LightGCN with Adagrad',
      { architecture: 'light-gcn', options: { embeddingDim } },
      { optimizer: { name: 'adagrad' } },
    ],
    [
      'LightGCN with softmax',
      { architecture: 'light-gcn', options: { embeddingDim, loss: { name: 'sampled-softmax' } } },
    ],
    ['BPR-MF', { architecture: 'bpr-mf', options: { embeddingDim } }],
    [
      'BPR-MF with momentum',
      { architecture: 'bpr-mf', options: { embeddingDim } },
      { optimizer: { name: 'sgd', momentum: 0.9 } },
    ],
    ['LayerGCN', { architecture: 'layer-gcn', options: { embeddingDim, layers: 3 } }],
    ['GCNII', { architecture: 'gcnii', options: { embeddingDim, layers: 3 } }],
    ['GCNII*', { architecture: 'gcnii', options: { embeddingDim, layers: 3, variant: 'gcnii*' } }],
    ['DGR', { architecture: 'dgr', options: { embeddingDim } }],
    ['GroupShuffle', { architecture: 'group-shuffle', options: { embeddingDim, layers: 2 } }],
    ['SVD-GCN-M', { architecture: 'svd-gcn', options: { variant: 'M', rank: 24, embeddingDim } }],
  ])('knows the kernel memory of %s to a fifth', async (_, modelSettings, settings = {}) => {
    const options = { ...training, ...settings }
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { kernelBytes } = estimateTrainingMemory({
      graph,
      model: modelSettings,
      training: options,
    })
    const model = models.createTrained(graph, modelSettings)
    const measured = await kernelPeakWhile(() =>
      new Trainer({ model, split, ...options, ...quiet }).fit(),
    )
    model.dispose()
    graph.dispose()
    expect(kernelBytes / measured).toBeGreaterThan(0.8)
    expect(kernelBytes / measured).toBeLessThan(1.2)
  })

  it('says what each part takes', () => {
    const found = estimateTrainingMemory({ graph: small, model: lightGcn, training })
    const { parts, peakBytes, kernelBytes } = found
    expect(parts.parameters).toBe(500 * 4 * 4)
    // Adam has two numbers for each parameter.
    expect(parts.optimizer).toBe(2 * parts.parameters)
    expect(parts.bestWeights).toBe(parts.parameters)
    expect(Object.values(parts).every((bytes) => bytes >= 0)).toBe(true)
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(peakBytes)
    expect(parts.parameters + parts.optimizer + parts.kept + parts.step).toBeCloseTo(kernelBytes)
    expect(parts.process).toBeGreaterThan(0)
    const unwatched = { ...training, metrics: [], guards: false } as const
    const less = estimateTrainingMemory({ graph: small, model: lightGcn, training: unwatched })
    expect(less.parts.evaluation + less.parts.bestWeights).toBe(0)
  })

  it('leaves nothing in memory', () => {
    estimateTrainingMemory({ graph: small, model: lightGcn, training })
    const tensors = tf.memory().numTensors
    const { usedBytes } = defaultRuntime().statistics
    estimateTrainingMemory({ graph: small, model: lightGcn, training })
    expect(tf.memory().numTensors).toBe(tensors)
    expect(defaultRuntime().statistics.usedBytes).toBe(usedBytes)
  })

  it('does not count a graph that is there already', () => {
    const graph = BipartiteGraph.fromInteractions(split.train)
    const { userCount: users, itemCount: items, edgeCount: edges } = graph
    const { parts } = estimateTrainingMemory({ graph, model: lightGcn, training })
    expect(parts.interactions + parts.graph).toBe(0)
    const counts = { users, items, edges }
    const counted = estimateTrainingMemory({ graph: counts, model: lightGcn, training })
    expect(counted.parts.interactions).toBeGreaterThan(0)
    expect(counted.parts.graph).toBeGreaterThan(0)
    graph.dispose()
  })

  it('grows with the counts', () => {
    const of = (counts: typeof small) =>
      estimateTrainingMemory({ graph: counts, model: lightGcn, training })
    const wide = of({ ...small, users: 3_000_000, items: 2_000_000 })
    expect(wide.parts.parameters).toBe(10_000 * of(small).parts.parameters)
    expect(of({ ...small, edges: 1e8 }).kernelBytes).toBeGreaterThan(16 * 1e8)
  })

  it('counts what a decomposition makes and drops', () => {
    const rank = 40
    const model = { architecture: 'svd-gcn', options: { variant: 'B', rank } }
    const graph = { users: 400_000, items: 200_000, edges: 2_000_000 }
    const { parts } = estimateTrainingMemory({ graph, model, training })
    const { process, interactions, graph: ofGraph, ...others } = parts
    const found = Object.values(others).reduce((sum, bytes) => sum + bytes, 0)
    expect(found).toBeGreaterThan(8 * (rank + 10) * (2 * graph.items + graph.users))
  })

  it('counts what a checkpoint copies', () => {
    const checkpoint = { folder: '/nowhere/to/be/written', everySteps: 1 }
    const partsWith = (settings: Partial<TrainerOptions>) =>
      estimateTrainingMemory({
        graph: small,
        model: lightGcn,
        training: { ...training, metrics: [], ...settings },
      }).parts
    const { parameters, checkpoint: adam } = partsWith({ checkpoint })
    // Weights and two moments, and something on the way.
    expect(adam).toBeGreaterThan(3 * parameters)
    const sgd = partsWith({ checkpoint, optimizer: { name: 'sgd' } })
    expect(sgd.checkpoint).toBeCloseTo(adam / 3)
    const momentum = partsWith({ checkpoint, optimizer: { name: 'sgd', momentum: 0.9 } })
    expect(momentum.checkpoint).toBeCloseTo((adam * 2) / 3)
    expect(partsWith({}).checkpoint).toBe(0)
  })

  it('expects less of a training on samples of the graph', () => {
    const model = { architecture: 'gcnii', options: { layers: 2 } }
    const graph = { users: 200_000, items: 100_000, edges: 1_000_000 }
    const stepOf = (settings: Partial<TrainerOptions>) =>
      estimateTrainingMemory({
        graph,
        model,
        training: { ...training, metrics: [], guards: false, ...settings },
      }).parts.step
    const sampled = stepOf({ graphSampling: { method: 'neighbours', fanOuts: [5, 5] } })
    expect(sampled).toBeLessThan(stepOf({}))
    expect(stepOf({ graphSampling: { method: 'neighbours', fanOuts: ['all', 5] } })).toBe(
      stepOf({}),
    )
  })

  it('counts a derived class as the one that it extends', () => {
    class OwnLightGcn extends LightGcn {}
    const known = estimateTrainingMemory({ graph: small, model: lightGcn, training })
    const derived = estimateTrainingMemory({
      graph: small,
      model: { architecture: OwnLightGcn, options: { embeddingDim: 4, layers: 2 } },
      training,
    })
    expect(derived.kernelBytes).toBe(known.kernelBytes)
  })

  it.each<[string, object, RegExp]>([
    ['a graph of nothing', { graph: { users: 0, items: 2, edges: 1 } }, /graph/],
    [
      'a model that is none',
      { model: 'LightGcn' },
      /model: got "LightGcn"; expected settings such as/,
    ],
    ['a misspelt option', { maxMemory: 1 }, /maxMemory/],
  ])('refuses %s', (_, wrong, message) => {
    const options = { graph: small, model: lightGcn, training, ...wrong } as TrainingMemoryOptions
    expect(() => estimateTrainingMemory(options)).toThrow(message)
  })

  it('refuses another backend', async () => {
    await useBackend('cpu')
    expect(() => estimateTrainingMemory({ graph: small, model: lightGcn, training })).toThrow(
      /'simd' only; the active one is 'cpu'/,
    )
  })
})

describe('maxMemory of Trainer', () => {
  it('refuses before it trains, with the numbers and the choices, or trains', async () => {
    const model = models.createTrained(BipartiteGraph.fromInteractions(split.train), lightGcn)
    const options = { model, split, ...training, ...quiet }
    const before = await model.weights()
    const refused = new Trainer({ ...options, maxMemory: 2e6 }).fit()
    await expect(refused).rejects.toMatchObject({
      code: 'TRAINING_TOO_LARGE',
      estimate: { parts: { parameters: 2500 * 4 * 4, interactions: 0, graph: 0 } },
    })
    await expect(refused).rejects.toThrow(
      /got 2 MB; the training would take \d+ MB .*batchSize.*fit: 'auto'/,
    )
    expect(await model.weights()).toEqual(before)
    const { epochs } = await new Trainer({ ...options, maxMemory: 1e12 }).fit()
    expect(epochs).toHaveLength(1)
    model.dispose()
  })
})
