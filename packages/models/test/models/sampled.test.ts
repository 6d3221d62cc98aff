import {
  type Batch,
  BatchIterator,
  type BipartiteGraph,
  Rng,
  type SampledGraph,
  samplers,
  UnknownIdError,
} from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import {
  BprMf,
  Dgr,
  Gcnii,
  type GraphModel,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  SampledGraphUnsupportedError,
  SvdGcn,
} from '../../src/index.js'
import { describeEachBackend } from '../support/backends.js'
import { largest, largestDifference } from '../support/compare.js'
import { graphOf, owned, randomGraph } from '../support/graphs.js'
import { evaluateLoss } from '../support/training.js'

const list = randomGraph({ users: 30, items: 20, degree: 5 }, 2)
const rng = Rng.fromSeed(1)
const at = { epoch: 0, step: 0 }
const dims = { embeddingDim: 8, initialDeviation: 0.5, l2Weight: 1e-2 } as const

const dgr = { ...dims, neighbours: 3, neighbourWeight: 0.05, marginalWeight: 0.02 } as const

const models: readonly [string, (graph: BipartiteGraph) => GraphModel][] = [
  ['LightGcn', (graph) => new LightGcn(graph, { ...dims, layers: 3 })],
  [
    'LightGcn with weights and a softmax',
    (graph) =>
      new LightGcn(graph, {
        ...dims,
        layers: 2,
        layerWeights: [0, 0.7, 0.3],
        loss: { name: 'sampled-softmax', temperature: 0.2, logQ: false },
      }),
  ],
  ['GroupShuffle', (graph) => new GroupShuffle(graph, { ...dims, layers: 2, blockDeviation: 0.3 })],
  ['Gcnii', (graph) => new Gcnii(graph, { ...dims, layers: 2 })],
  [
    'Gcnii*',
    (graph) => new Gcnii(graph, { ...dims, layers: 2, variant: 'gcnii*', activation: 'identity' }),
  ],
  ['Dgr', (graph) => new Dgr(graph, { ...dgr, layers: 3, regularization: 'layer-zero' })],
  [
    'Dgr with all of the smooth direction',
    (graph) =>
      new Dgr(graph, {
        ...dgr,
        layers: 2,
        projection: 'exact',
        desmoothing: [0.3, 2],
        marginal: 'bounded',
      }),
  ],
  [
    'Dgr without neighbours or desmoothing',
    (graph) =>
      new Dgr(graph, {
        ...dgr,
        layers: 2,
        desmoothing: [0, 0],
        neighbourWeight: 0,
        marginalWeight: 0,
      }),
  ],
  ['LayerGcn', (graph) => new LayerGcn(graph, { ...dims, layers: 3, edgePruning: 0 })],
]

async function prepared(make: (graph: BipartiteGraph) => GraphModel): Promise<GraphModel> {
  const model = owned(make(graphOf(list)))
  await model.prepare()
  return model
}

function firstBatch(graph: BipartiteGraph): Batch {
  const batches = new BatchIterator(graph, { batchSize: 12, negativesPerPositive: 2, rng })
  return batches.epoch(0).next().value as Batch
}

const nodesOf = ({ users, positives, negatives }: Batch) => ({
  users,
  items: Int32Array.of(...positives, ...negatives),
})

/** The batch with everything that a fan-out gives it. */
function around(model: GraphModel, batch: Batch, fanOut: number | 'all'): Batch {
  const { steps, regularization, otherItems } = model.sampledPropagation()
  const fanOuts = new Array<number | 'all'>(steps).fill(fanOut)
  const sampler = new samplers.NeighbourSampler(model.graph, { fanOuts, regularization, rng })
  const { users, items } = nodesOf(batch)
  const { perItem, items: others } = otherItems?.() ?? { perItem: 0, items: new Int32Array() }
  const besides = [...batch.positives].flatMap((item) => [
    ...others.subarray(item * perItem, (item + 1) * perItem).filter((other) => other >= 0),
  ])
  const nodes = { users, items: Int32Array.of(...items, ...besides) }
  return { ...batch, sampled: sampler.sample(nodes, at) }
}

/** All clusters together: the whole graph, as one operator for all steps. */
async function allClusters(model: GraphModel, batch: Batch): Promise<Batch> {
  const { steps, regularization } = model.sampledPropagation()
  const options = { clusters: 3, clustersPerStep: 3, steps, regularization, rng }
  const sampler = new samplers.ClusterSampler(model.graph, options)
  await sampler.prepare()
  return { ...batch, sampled: sampler.sample(at).graph }
}

function expectSameLoss(model: GraphModel, sampled: Batch, whole: Batch): void {
  const expected = evaluateLoss(model, whole)
  const actual = evaluateLoss(model, sampled)
  sampled.sampled?.dispose()
  expect(actual.total).toBeCloseTo(expected.total, 5)
  expect(Object.keys(actual.gradients)).toEqual(Object.keys(expected.gradients))
  for (const [name, gradient] of Object.entries(expected.gradients)) {
    const difference = largestDifference(actual.gradients[name] as Float32Array, gradient)
    expect(difference, name).toBeLessThan(2e-5 * largest(gradient))
  }
}

describeEachBackend('training on samples', () => {
  describe.each(models)('%s', (_, make) => {
    it('has the loss and the gradients of the whole graph with all neighbours', async () => {
      const model = await prepared(make)
      const batch = firstBatch(model.graph)
      expectSameLoss(model, around(model, batch, 'all'), batch)
    })

    it('has them with all clusters', async () => {
      const model = await prepared(make)
      const batch = firstBatch(model.graph)
      expectSameLoss(model, await allClusters(model, batch), batch)
    })

    it('has the gradient of its own loss with few neighbours', async () => {
      const model = await prepared(make)
      const sampled = around(model, firstBatch(model.graph), 2)
      const { total, gradients } = evaluateLoss(model, sampled)
      expect(Number.isFinite(total)).toBe(true)
      const whole = evaluateLoss(model, { ...sampled, sampled: undefined })
      expect(Math.abs(total - whole.total)).toBeGreaterThan(1e-5)
      // Along the gradient, by central differences.
      for (const [name, gradient] of Object.entries(gradients)) {
        const variable = model.parameters()[name] as tf.Variable
        const before = variable.dataSync().slice() as Float32Array
        const norm = Math.hypot(...gradient)
        const step = 2e-2
        const lossAt = (sign: number) => {
          const moved = before.map(
            (value, i) => value + (sign * step * (gradient[i] as number)) / norm,
          )
          variable.assign(tf.tensor(moved, variable.shape))
          return evaluateLoss(model, sampled).total
        }
        const slope = (lossAt(1) - lossAt(-1)) / (2 * step)
        variable.assign(tf.tensor(before, variable.shape))
        expect(Math.abs(slope - norm), name).toBeLessThan(0.02 * norm + 1e-4)
      }
      sampled.sampled?.dispose()
    })

    it('leaves no tensor behind', async () => {
      const model = await prepared(make)
      const batch = firstBatch(model.graph)
      const use = async () => {
        for (const sampled of [around(model, batch, 2), await allClusters(model, batch)]) {
          evaluateLoss(model, sampled)
          sampled.sampled?.dispose()
        }
      }
      await use()
      const once = tf.memory().numTensors
      await use()
      await use()
      expect(tf.memory().numTensors).toBe(once)
    })
  })

  it('takes every sampler', async () => {
    const model = owned(new LightGcn(graphOf(list), { ...dims, layers: 2 }))
    const { graph } = model
    const batch = firstBatch(graph)
    const clusters = new samplers.ClusterSampler(graph, {
      clusters: 3,
      clustersPerStep: 2,
      steps: 2,
      rng,
    })
    const walks = new samplers.WalkSubgraphSampler(graph, { roots: 9, steps: 2, rng })
    await Promise.all([clusters.prepare(), walks.prepare()])
    const samples = [
      new samplers.LayerSampler(graph, { layerSizes: [6, 6], rng }).sample(nodesOf(batch), at),
      new samplers.WalkNeighbourSampler(graph, { neighbours: [3, 3], rng }).sample(
        nodesOf(batch),
        at,
      ),
      clusters.sample(at).graph,
      walks.sample(at).graph,
    ]
    const whole = evaluateLoss(model, batch).total
    for (const sampled of samples) {
      const own = inSample(graph, sampled)
      const { total, gradients } = evaluateLoss(model, { ...own, sampled })
      expect(Math.abs(total - whole)).toBeGreaterThan(1e-6)
      expect(largest(gradients['userEmbeddings'] as Float32Array)).toBeGreaterThan(0)
      sampled.dispose()
    }
  })

  it('refuses a batch with nodes that are not in its sample', () => {
    const model = owned(new LightGcn(graphOf(list), { ...dims, layers: 1 }))
    const { sampled } = around(model, firstBatch(model.graph), 1)
    const users = new Set(sampled?.users)
    const user = list.edges.find(([each]) => !users.has(each))?.[0] as number
    const batch = { users: Int32Array.of(user), positives: Int32Array.of(0) }
    const bad = { ...batch, negatives: Int32Array.of(1), sampled }
    expect(() => model.lossTerms(bad)).toThrow(UnknownIdError)
  })
})

/** A batch of nodes that the sample has. */
function inSample(graph: BipartiteGraph, { users, items }: SampledGraph): Batch {
  const user = [...users].find((each) => graph.userItems(each).some((item) => items.includes(item)))
  const own = graph.userItems(user as number)
  return {
    users: Int32Array.of(user as number),
    positives: Int32Array.of(own.find((item) => items.includes(item)) as number),
    negatives: Int32Array.of(items.find((item) => !own.includes(item)) as number),
  }
}

/** Inherits the propagation over samples, but may compute something else. */
class Doubled extends LightGcn {
  protected override forwardBatch(): NodeTensors {
    const { users, items } = this.layerZero
    return { users: tf.mul(users, 2), items: tf.mul(items, 2) }
  }
}

describe('models that need the whole graph', () => {
  const graph = graphOf(list)

  it.each([
    ['BprMf', () => new BprMf(graph), /bpr-mf cannot train on samples.*propagates nothing/],
    ['Dgr without layers', () => new Dgr(graph, { layers: 0, desmoothing: [] }), /0 layers/],
    [
      'SvdGcn',
      () => new SvdGcn(graph, { variant: 'B', rank: 4 } as never),
      /svd-gcn.*singular vectors/,
    ],
    ['LightGcn without layers', () => new LightGcn(graph, { layers: 0 }), /0 layers/],
    ['LightGcn with dropout', () => new LightGcn(graph, { edgeDropout: 0.1 }), /edgeDropout/],
    ['GroupShuffle with dropout', () => new GroupShuffle(graph, { dropout: 0.1 }), /dropout/],
    ['Gcnii with dropout', () => new Gcnii(graph, { dropout: 0.1 }), /dropout/],
    ['LayerGcn with pruning', () => new LayerGcn(graph, { edgePruning: 0.1 }), /edgePruning/],
    ['a class that inherits', () => new Doubled(graph), /light-gcn.*sampledOperator/],
  ] as const)('%s says so', (_, make, message) => {
    const model = make()
    expect(() => model.sampledPropagation()).toThrow(SampledGraphUnsupportedError)
    expect(() => model.sampledPropagation()).toThrow(message)
    const sampler = new samplers.NeighbourSampler(graph, { fanOuts: [2], rng })
    const batch = firstBatch(graph)
    const sampled = sampler.sample(nodesOf(batch), at)
    expect(() => model.lossTerms({ ...batch, sampled })).toThrow()
    model.dispose()
  })
})
