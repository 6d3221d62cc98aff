import { evaluate } from '@gnnrec/eval'
import { BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import {
  BprMf,
  Dgr,
  Gcnii,
  GroupShuffle,
  LayerGcn,
  LightGcn,
  Popularity,
  SampledGraphUnsupportedError,
} from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { CheckpointMismatchError, Trainer, type TrainerOptions } from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { expectSameTraining, trainInParts, trainTo } from '../support/same-training.js'
import { plantedBlocks, randomSplit } from '../support/splits.js'
import { methods } from './support.js'

removeFoldersAfterEach()

const split = randomSplit({ seed: 3, users: 300, items: 200, perUser: 6 })
const graph = BipartiteGraph.fromInteractions(split.train)
const makeModel = () => new LightGcn(graph, { embeddingDim: 32, layers: 2 })

const common = {
  split,
  epochs: 3,
  batchSize: 256,
  learningRate: 0.01,
  sampling: 'user-uniform',
  metrics: ['ndcg@10'],
  progress: 'none',
  handleInterrupt: false,
} as const satisfies Omit<TrainerOptions, 'model'>

beforeAll(() => useBackend('simd', { threads: 2 }))

describe('graphSampling', () => {
  it.each(methods)(
    'gives the same bytes of $method after a resume, on any number of threads',
    async (graphSampling) => {
      await useBackend('simd', { threads: 2 })
      const model = makeModel()
      const whole = await trainTo({ ...common, graphSampling, model })
      model.dispose()
      expect(whole.history.epochs[0].steps).toBe(8)
      const checkpoint = await temporaryFolder()
      const places = [{ epoch: 1, step: 2 }, { epoch: 1 }, { epoch: 3, step: 3 }, undefined]
      const resumed = await trainInParts(
        makeModel,
        { ...common, graphSampling, checkpoint },
        places,
        async (part) => {
          await useBackend('simd', { threads: [1, 3, 2, 4][part] })
        },
      )
      expectSameTraining(resumed, whole)
    },
  )

  it.each(methods)('leaves no tensor of $method behind', async (graphSampling) => {
    const model = makeModel()
    model.parameters()
    await new Trainer({ ...common, epochs: 1, graphSampling, model, guards: false }).fit()
    const before = tf.memory().numTensors
    const counts: number[] = []
    const trainer = new Trainer({
      ...common,
      epochs: 4,
      graphSampling,
      model,
      guards: false,
      accumulateSteps: 2,
    })
    for await (const event of trainer.run()) {
      if (event.type === 'epoch') counts.push(tf.memory().numTensors)
    }
    expect(new Set(counts).size).toBe(1)
    expect(tf.memory().numTensors).toBe(before)
    model.dispose()
  })

  it.each([
    ['LightGcn', () => makeModel(), 2],
    ['GroupShuffle', () => new GroupShuffle(graph, { embeddingDim: 16, layers: 2 }), 2],
    ['Gcnii', () => new Gcnii(graph, { embeddingDim: 16, layers: 2 }), 2],
    ['LayerGcn', () => new LayerGcn(graph, { embeddingDim: 16, layers: 3, edgePruning: 0 }), 3],
    ['Dgr', () => new Dgr(graph, { embeddingDim: 16, layers: 2, neighbours: 3 }), 2],
  ] as const)('with all neighbours trains %s as the whole graph does', async (_, make, steps) => {
    const losses = async (extra: Partial<TrainerOptions>) => {
      const model = make()
      const { epochs } = await new Trainer({ ...common, ...extra, model }).fit()
      model.dispose()
      return epochs.map(({ loss, validation }) => [loss, validation?.['ndcg@10'] as number])
    }
    const whole = await losses({})
    const fanOuts = new Array<'all'>(steps).fill('all')
    const sampled = await losses({ graphSampling: { method: 'neighbours', fanOuts } })
    for (const [epoch, [loss, ndcg]] of whole.entries()) {
      const [ownLoss, ownNdcg] = sampled[epoch] as [number, number]
      expect(Math.abs(ownLoss - (loss as number))).toBeLessThan(2e-4 * Math.abs(loss as number))
      expect(ownNdcg).toBeCloseTo(ndcg as number, 2)
    }
  })

  it.each([...methods.slice(0, 4), { method: 'walk-subgraphs', roots: 40 }] as const)(
    'learns planted blocks with $method, evaluated on the whole graph',
    async (graphSampling) => {
      const planted = plantedBlocks(7)
      const whole = BipartiteGraph.fromInteractions(planted.train)
      const model = new LightGcn(whole, { embeddingDim: 16, layers: 2 })
      await new Trainer({
        ...common,
        split: planted,
        epochs: 30,
        learningRate: 0.01,
        graphSampling,
        model,
      }).fit()
      const judged = { split: planted, on: 'test', metrics: ['ndcg@10'] } as const
      const own = await evaluate(await model.toRecommender(), judged)
      const popularity = await evaluate(await new Popularity(whole).toRecommender(), judged)
      model.dispose()
      expect(own.metrics['ndcg@10']).toBeGreaterThan(
        1.2 * (popularity.metrics['ndcg@10'] as number),
      )
    },
  )

  it('refuses, before training, models that need the whole graph', () => {
    const make = (model: TrainerOptions['model'], fanOuts: number[]) => () =>
      new Trainer({ ...common, model, graphSampling: { method: 'neighbours', fanOuts } })
    expect(make(new BprMf(graph), [3])).toThrow(SampledGraphUnsupportedError)
    expect(make(new Dgr(graph, { layers: 0 }), [3])).toThrow(/dgr cannot train on samples/)
    expect(make(new LightGcn(graph, { edgeDropout: 0.1 }), [3, 3, 3])).toThrow(/edgeDropout/)
  })

  it('refuses settings that do not fit', () => {
    const make = (graphSampling: object) => () =>
      new Trainer({ ...common, model: makeModel(), graphSampling: graphSampling as never })
    const wrongHops = make({ method: 'neighbours', fanOuts: [3] })
    expect(wrongHops).toThrow(InvalidOptionsError)
    expect(wrongHops).toThrow(
      /fanOuts: got 1; expected 2, one for each propagation step of light-gcn/,
    )
    expect(make({ method: 'layers', layerSizes: [3, 3, 3] })).toThrow(/layerSizes: got 3/)
    expect(make({ method: 'walk-neighbours', neighbours: [3] })).toThrow(/neighbours: got 1/)
    expect(make({ method: 'neighbors', fanOuts: [3, 3] })).toThrow(/graphSampling.method/)
    expect(make({ method: 'neighbours', fanOuts: [3, 0] })).toThrow(
      /graphSampling.fanOuts.1: got 0/,
    )
    expect(make({ method: 'clusters', clusters: 2, clustersPerStep: 3 })).toThrow(/at most 2/)
    expect(make({ method: 'walk-subgraphs' })).toThrow(/graphSampling.roots/)
  })

  it('is part of what a checkpoint is of', async () => {
    const folder = await temporaryFolder()
    const model = makeModel()
    const options = { ...common, model, checkpoint: folder } as const
    await trainTo(
      { ...options, graphSampling: { method: 'neighbours', fanOuts: [3, 2] } },
      { epoch: 1, step: 2 },
    )
    const other = new Trainer({
      ...options,
      resume: 'latest',
      graphSampling: { method: 'neighbours', fanOuts: [3, 3] },
    })
    await expect(other.fit()).rejects.toThrow(CheckpointMismatchError)
  })

  it('can be stopped while it counts subgraphs', async () => {
    const model = makeModel()
    const graphSampling = { method: 'walk-subgraphs', roots: 200, countedSubgraphs: 1e6 } as const
    const trainer = new Trainer({ ...common, model, graphSampling })
    const { stopReason } = await trainer.fit({ signal: AbortSignal.timeout(50) })
    expect(stopReason).toBe('aborted')
  })
})
