import { type Batch, type BipartiteGraph, InvalidOptionsError, Rng } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { LayerGcn } from '../../src/layer-gcn/layer-gcn.js'
import type { LayerGcnOptions } from '../../src/layer-gcn/layer-gcn-options.js'
import { describeEachBackend } from '../support/backends.js'
import { expectSameBytes, sameBytes } from '../support/compare.js'
import {
  blockGraph,
  type Edge,
  graphOf,
  owned,
  randomGraph,
  smallGraph,
} from '../support/graphs.js'
import { memoryInUse } from '../support/memory.js'
import { expectGradients, symmetricOperator64 } from '../support/reference.js'
import { keptEdgesStream, layerGcnLoss64 } from '../support/reference-layer-gcn.js'
import { expectSameOnThreads } from '../support/threads.js'
import { batchOf, layers, output, trainSteps, weightValues } from '../support/training.js'

describeEachBackend('gradients of LayerGCN against central differences', () => {
  // Rows repeat within and across the columns; the isolated user 5 and item 4 take part.
  const users = [0, 1, 1, 3, 6, 5, 0]
  const positives = [1, 2, 2, 0, 3, 2, 1]
  const negatives = [4, 0, 3, 1, 4, 0, 2, 2, 4, 0, 1, 3, 4, 4, 2, 0, 0, 3, 3, 1, 4]
  const options = {
    embeddingDim: 6,
    initialization: 'normal',
    initialDeviation: 0.5,
    l2Weight: 0.05,
    edgePruning: 0,
  } as const
  const batches: Record<string, Batch> = {
    'one negative': batchOf(users, positives, negatives.slice(0, 7)),
    'three negatives per positive': batchOf(users, positives, negatives),
  }
  const reference = (operator: Float64Array, depth: number, batch: Batch, l2Weight = 0.05) =>
    layerGcnLoss64(operator, { userCount: smallGraph.users, layers: depth, l2Weight }, batch)
  const operator = symmetricOperator64(smallGraph)

  for (const [name, batch] of Object.entries(batches)) {
    for (const depth of [1, 2, 3, 4]) {
      it(`agree with ${depth} layers and ${name}`, async () => {
        const model = owned(new LayerGcn(graphOf(smallGraph), { ...options, layers: depth }))
        await expectGradients(model, batch, reference(operator, depth, batch))
      })
    }
  }

  const batch = batches['one negative'] as Batch

  it('agree on a pruned graph', async () => {
    const graph = graphOf(smallGraph)
    // 9 of 13 edges; user 4 and user 6 lose theirs.
    const edges: Edge[] = [0, 1, 2, 3].map((item) => [0, item])
    edges.push([1, 1], [2, 0], [2, 3], [3, 0], [3, 2])
    const pruned = symmetricOperator64({ ...smallGraph, edges })
    const model = owned(new LayerGcn(graph, { ...options, layers: 3, edgePruning: 0.3 }))
    model.beginEpoch(0, keptEdgesStream(graph, edges))
    await expectGradients(model, batch, reference(pruned, 3, batch))
    await expect(expectGradients(model, batch, reference(operator, 3, batch))).rejects.toThrow()
  })

  it('agree after several steps too', async () => {
    const model = owned(new LayerGcn(graphOf(smallGraph), { ...options, layers: 2, l2Weight: 0 }))
    trainSteps(model, { steps: 3, batchSize: 5 })
    await expectGradients(model, batch, reference(operator, 2, batch, 0))
  })

  it('differ from those of a wrong reference', async () => {
    const model = owned(new LayerGcn(graphOf(smallGraph), { ...options, layers: 2 }))
    const fewer = symmetricOperator64({ ...smallGraph, edges: smallGraph.edges.slice(1) })
    for (const wrong of [
      reference(operator, 3, batch),
      reference(operator, 2, batch, 0.051),
      reference(fewer, 2, batch),
    ]) {
      await expect(expectGradients(model, batch, wrong)).rejects.toThrow()
    }
  })
})

describeEachBackend('options of LayerGCN', () => {
  const graph = graphOf(smallGraph)
  const wrong: [object, ...string[]][] = [
    [{ layers: 0 }, 'layers: got 0'],
    [{ layers: -1 }, 'layers: got -1'],
    [{ layers: 1.5 }, 'layers: got 1.5'],
    [{ edgePruning: 1 }, 'edgePruning: got 1'],
    [{ edgePruning: -0.1 }, 'edgePruning: got -0.1'],
    [{ edgePruning: Number.NaN }, 'edgePruning: got NaN'],
    [{ edgePruning: 0.95 }, 'edgePruning: got 0.95', 'keeps no edge of 13'],
    [{ pruningSchedule: 'uniform' }, 'pruningSchedule: got "uniform"'],
    [{ edgePrunning: 0.1 }, "'edgePrunning'", "did you mean 'edgePruning'"],
    [{ layerWeights: [1] }, "'layerWeights'"],
    [{ embeddingDim: 0 }, 'embeddingDim: got 0'],
    [{ l2Weight: -1 }, 'l2Weight: got -1'],
    [{ initialization: 'ones' }, 'initialization: got "ones"'],
    [{ loss: { name: 'bpr', reduction: 'product' } }, 'loss.reduction: got "product"'],
  ]
  it.each(wrong)('%j are refused by name', (options, ...parts) => {
    const before = memoryInUse()
    const make = () => new LayerGcn(graph, options)
    expect(make).toThrow(InvalidOptionsError)
    for (const part of ['Invalid options for layer-gcn', ...parts]) expect(make).toThrow(part)
    expect(memoryInUse()).toEqual(before)
  })

  it('are those of the official code by default', () => {
    expect(owned(new LayerGcn(graph)).options).toEqual({
      embeddingDim: 64,
      layers: 4,
      initialization: 'xavier-uniform',
      initialDeviation: 0.1,
      edgePruning: 0.1,
      pruningSchedule: 'alternate',
      seed: 0,
      loss: { name: 'bpr', reduction: 'sum', itemBias: false },
      l2Weight: 1e-3,
      l2Convention: 'sum-squares',
    })
  })

  it('include the ends of their ranges', () => {
    const ends = { layers: 1, edgePruning: 0.92, embeddingDim: 1, l2Weight: 0 }
    const model = owned(new LayerGcn(graph, ends))
    expect(model.options).toMatchObject(ends)
    model.beginEpoch(0, Rng.fromSeed(0))
    // One edge is left: two nodes have an embedding.
    const { users, items } = output(model, { training: true })
    expect([...users, ...items].filter((value) => value !== 0)).toHaveLength(2)
  })

  it('make B times the loss of means and mean squares', () => {
    const batch = batchOf([0, 1, 3, 6], [1, 2, 0, 3], [4, 0, 1, 2])
    const read = (options: LayerGcnOptions) => {
      const model = owned(new LayerGcn(graph, { ...options, edgePruning: 0, l2Weight: 0.3 }))
      return tf.tidy(() => model.loss(batch).dataSync()[0] as number)
    }
    const mean = read({ loss: { name: 'bpr' }, l2Convention: 'mean-squares' })
    expect(read({}) / mean).toBeCloseTo(4, 4)
  })
})

describeEachBackend('tensors of LayerGCN', (backend) => {
  it('are flat over epochs with redrawn edges, and gone after dispose', async () => {
    const before = memoryInUse()
    const graph = graphOf(randomGraph({ users: 50, items: 40, degree: 5 }))
    const model = new LayerGcn(graph, { embeddingDim: 8, layers: 2 })
    const use = async () => {
      trainSteps(model, { steps: 20, negativesPerPositive: 2 })
      output(model)
      layers(model)
      await model.toRecommender()
      await model.save({})
    }
    await use()
    const once = memoryInUse()
    if (backend === 'simd') expect(once.kernelBytes).toBeGreaterThan(before.kernelBytes)
    await use()
    await use()
    expect(memoryInUse()).toEqual(once)
    // An epoch that begins frees the edges of the last one.
    model.beginEpoch(0, Rng.fromSeed(0))
    const without = memoryInUse()
    expect(without.tensors).toBe(once.tensors - 6)
    const { users, items } = model.forward({ training: true })
    tf.dispose([users, items])
    expect(memoryInUse()).toEqual(once)
    model.dispose()
    graph.dispose()
    expect(memoryInUse()).toEqual(before)
  })
})

describeEachBackend('training of LayerGCN', () => {
  it('learns a block graph by heart in under 300 steps', async () => {
    const graph = graphOf(blockGraph(4, 5))
    const model = owned(new LayerGcn(graph, { embeddingDim: 16 }))
    trainSteps(model, { steps: 290, batchSize: 100, learningRate: 0.02 })
    const recommender = await model.toRecommender()
    const lists = recommender.recommend(graph.users.ids, { k: 5, excludeSeen: false })
    for (const { user, items } of lists) {
      const known = graph.userItems(graph.users.indexOf(user))
      expect(items.map(Number).sort((a, b) => a - b)).toEqual([...known])
    }
  })
})

describe('threads', () => {
  it('give the same bytes after 12 steps of LayerGCN, whether 1, 2, 3 or 4', async () => {
    const make = (graph: BipartiteGraph) => new LayerGcn(graph, { layers: 3 })
    await expectSameOnThreads(make, { steps: 12, batchSize: 4096 })
  })
})

describeEachBackend('a saved LayerGCN', () => {
  const list = randomGraph({ users: 30, items: 25, degree: 4 })
  const options = { embeddingDim: 10, layers: 3, edgePruning: 0.2, seed: 'saved' }

  it('comes back with the same bytes and trains on alike', async () => {
    const model = owned(new LayerGcn(graphOf(list), options))
    trainSteps(model, { steps: 5 })
    const files: Record<string, Uint8Array> = {}
    await model.save(files)
    const loaded = owned(await LayerGcn.load(files))
    expect(loaded.options).toEqual(model.options)
    expectSameBytes(await weightValues(loaded), await weightValues(model))
    expectSameBytes(output(loaded), output(model))
    const training = { steps: 12, seed: 5, negativesPerPositive: 2 }
    expect(trainSteps(loaded, training)).toEqual(trainSteps(model, training))
    expectSameBytes(await weightValues(loaded), await weightValues(model))
  })

  it('depends on its seed and on that of training', async () => {
    const train = async (seed: number, samplingSeed = 1) => {
      const model = owned(new LayerGcn(graphOf(list), { ...options, seed }))
      trainSteps(model, { steps: 6, batchSize: 30, seed: samplingSeed })
      return await weightValues(model)
    }
    const seven = await train(7)
    expectSameBytes(await train(7), seven)
    for (const other of [await train(8), await train(7, 2)]) {
      for (const [name, values] of Object.entries(other)) {
        expect(sameBytes(values, seven[name] as Float32Array)).toBe(false)
      }
    }
  })
})
