import {
  BipartiteGraph,
  type EpochBatch,
  InvalidOptionsError,
  Rng,
  type SampledGraph,
} from '@gnnrec/graph'
import { Dgr, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { AheadBatches } from '../../src/batches/ahead-batches.js'
import { packBatch } from '../../src/batches/batch-messages.js'
import {
  type BatchSettings,
  type BatchSource,
  batchSource,
} from '../../src/batches/batch-source.js'
import { graphSamplingSchema } from '../../src/batches/graph-sampling-options.js'
import { type GraphSamplingSettings, Trainer, type TrainerOptions } from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { expectSameTraining, trainInParts, trainTo } from '../support/same-training.js'
import { randomSplit } from '../support/splits.js'
import { methods } from './support.js'

removeFoldersAfterEach()
afterEach(() => {
  vi.unstubAllGlobals()
})
beforeAll(() => useBackend('simd', { threads: 2 }))

const split = randomSplit({ seed: 3, users: 300, items: 200, perUser: 6 })
const graph = BipartiteGraph.fromInteractions(split.train)
const makeModel = () => new LightGcn(graph, { embeddingDim: 32, layers: 2 })

const common = {
  split,
  epochs: 2,
  batchSize: 256,
  learningRate: 0.01,
  sampling: 'user-uniform',
  metrics: ['ndcg@10'],
  progress: 'none',
  handleInterrupt: false,
} as const satisfies Omit<TrainerOptions, 'model'>

const settings = (graphSampling: GraphSamplingSettings): BatchSettings => ({
  graph,
  architecture: 'light-gcn',
  batchSize: 256,
  sampling: 'user-uniform',
  negativesPerPositive: 2,
  negatives: 'uniform',
  propagation: { steps: 2, regularization: 0, usesNegatives: true },
  graphSampling: graphSamplingSchema.parse(graphSampling),
})

async function collect(source: BatchSource, epoch: number, startStep = 0): Promise<EpochBatch[]> {
  const all: EpochBatch[] = []
  for await (const batch of source.epoch(epoch, { startStep })) all.push(batch)
  return all
}

/** All arrays of a batch and its sample. */
const packed = (batch: EpochBatch) =>
  packBatch({ ...batch, sampled: batch.sampled as SampledGraph }).packed

const { signal } = new AbortController()

describe('AheadBatches', () => {
  it.each(methods)('draws with $method what the main thread draws', async (method) => {
    const rng = Rng.fromSeed('ahead')
    const ahead = new AheadBatches(settings(method), rng)
    const own = batchSource(settings(method), rng)
    try {
      await Promise.all([ahead.prepare({ signal }), own.prepare?.({ signal })])
      expect(ahead.stepsPerEpoch).toBe(own.stepsPerEpoch)
      for (const [epoch, startStep] of [
        [0, 0],
        [1, 0],
        [1, 3],
        [0, 5],
      ] as const) {
        const expected = await collect(own, epoch, startStep)
        const actual = await collect(ahead, epoch, startStep)
        expect(actual.length).toBeGreaterThan(2)
        expect(actual.map(packed)).toEqual(expected.map(packed))
        expect(ahead.skippedDraws).toBe(own.skippedDraws)
      }
    } finally {
      await ahead.close()
    }
  })

  it('shares one operator among the steps of a subgraph', async () => {
    const ahead = new AheadBatches(
      settings({ method: 'clusters', clusters: 3, clustersPerStep: 1 }),
      Rng.fromSeed(1),
    )
    await ahead.prepare({ signal })
    const [batch] = await collect(ahead, 0, 4)
    await ahead.close()
    expect(batch?.sampled?.steps[1]).toBe(batch?.sampled?.steps[0])
  })

  it('passes errors of the thread on', async () => {
    const ahead = new AheadBatches(
      settings({ method: 'clusters', clusters: 3, clustersPerStep: 1 }),
      Rng.fromSeed(1),
    )
    // It was not prepared.
    await expect(collect(ahead, 0)).rejects.toThrow(/prepare/)
    await ahead.close()
  })

  it('ends when it is closed, whatever is waited for', async () => {
    const ahead = new AheadBatches(
      settings({ method: 'walk-subgraphs', roots: 300, countedSubgraphs: 1e6 }),
      Rng.fromSeed(1),
    )
    const controller = new AbortController()
    const preparing = ahead.prepare({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(preparing).rejects.toThrow('enough')
    await ahead.close()
    await expect(ahead.prepare({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    )
  })
})

describe('sampleAhead', () => {
  it.each(methods)('trains to the same bytes with $method', async (graphSampling) => {
    const model = makeModel()
    const whole = await trainTo({ ...common, graphSampling, model })
    model.dispose()
    const other = makeModel()
    const ahead = await trainTo({ ...common, graphSampling, model: other, sampleAhead: true })
    other.dispose()
    expectSameTraining(ahead, whole)
  })

  it.each(methods)('knows with $method what items the loss looks at besides', async (method) => {
    const train = async (sampleAhead: boolean) => {
      const options = { embeddingDim: 8, layers: 2, neighbours: 3, neighbourWeight: 0.1 }
      const model = new Dgr(graph, options)
      const trained = await trainTo({ ...common, graphSampling: method, model, sampleAhead })
      model.dispose()
      return trained
    }
    const whole = await train(false)
    expectSameTraining(await train(true), whole)
    expect(whole.history.epochs[0].lossTerms['positiveNeighbours']).toBeGreaterThan(0)
  })

  it('goes on from a checkpoint to the same bytes', async () => {
    const graphSampling = methods[0] as GraphSamplingSettings
    const model = makeModel()
    const whole = await trainTo({ ...common, graphSampling, model })
    model.dispose()
    const checkpoint = await temporaryFolder()
    const options = { ...common, graphSampling, checkpoint, sampleAhead: true }
    const places = [{ epoch: 1, step: 3 }, { epoch: 2, step: 2 }, undefined]
    expectSameTraining(await trainInParts(makeModel, options, places), whole)
  })

  it('can be stopped while the thread prepares', async () => {
    const graphSampling = { method: 'walk-subgraphs', roots: 200, countedSubgraphs: 1e6 } as const
    const trainer = new Trainer({ ...common, model: makeModel(), graphSampling, sampleAhead: true })
    const { stopReason } = await trainer.fit({ signal: AbortSignal.timeout(50) })
    expect(stopReason).toBe('aborted')
  })

  it('is refused without samples, and without threads', () => {
    const make = (extra: object) => () =>
      new Trainer({ ...common, model: makeModel(), sampleAhead: true, ...extra })
    expect(make({})).toThrow(InvalidOptionsError)
    expect(make({})).toThrow(/without graphSampling/)
    const sampled = make({ graphSampling: { method: 'neighbours', fanOuts: [3, 2] } })
    expect(sampled).not.toThrow()
    vi.stubGlobal('process', undefined)
    expect(sampled).toThrow(/no Node.js threads/)
  })
})
