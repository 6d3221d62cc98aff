import { BipartiteGraph, Rng } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { belowPopularity } from '../../src/guards/below-popularity.js'
import { noGuardState } from '../../src/guards/guard-state.js'
import { guardedPort } from '../../src/guards/guarded-port.js'
import { Inspection } from '../../src/guards/inspection.js'
import { oneDirectionLayers } from '../../src/guards/one-direction.js'
import { sameLists } from '../../src/guards/same-lists.js'
import { sampleNodes } from '../../src/guards/sampled-nodes.js'
import { ValidationTrend } from '../../src/guards/validation-trend.js'
import { InMemoryTraining } from '../../src/in-memory/in-memory-training.js'
import { Adam, type EpochRecord } from '../../src/index.js'
import { resolveTrainingLoopOptions } from '../../src/options/training-loop-options.js'
import { OneWayLayerModel, OneWayModel, UserlessModel } from '../support/failing-models.js'
import { plantedBlocks } from '../support/splits.js'

beforeAll(() => useBackend('simd', { threads: 1 }))

const metrics = ['coverage@5', 'ndcg@5']

/** Records of epochs from 1 with a value by `ndcg@5`, where there is one. */
function recordsOf(values: readonly (number | undefined)[]): EpochRecord[] {
  return values.map((value, index) => ({
    epoch: index + 1,
    steps: 20,
    learningRate: 1e-3,
    loss: 0.5,
    lossTerms: {},
    seconds: 1,
    guardSeconds: 0,
    ...(value !== undefined && { validation: { 'coverage@5': 1, 'ndcg@5': value } }),
  })) as unknown as EpochRecord[]
}

const graphOfBlocks = () => {
  const split = plantedBlocks(7, 20)
  return { split, graph: BipartiteGraph.fromInteractions(split.train) }
}
const { split, graph } = graphOfBlocks()

/** Makes an inspection of a model after so many epochs in which the same has been found since the first. */
function inspect(
  values: readonly (number | undefined)[],
  options: { model?: GraphModel; popularity?: number; epochs?: number } = {},
): Inspection {
  const { model = new UserlessModel(graph), popularity = 0.1, epochs = 1000 } = options
  const settings = resolveTrainingLoopOptions('Trainer', {
    model,
    split,
    epochs,
    batchSize: 20,
    learningRate: 1e-3,
    sampling: 'user-uniform',
    metrics,
  })
  const start = { epoch: 1, totalSteps: 20 }
  const state = {
    ...noGuardState(),
    popularity,
    since: { 'same-lists': start, 'one-direction': start },
  }
  const epoch = values.length
  const at = { epoch, totalSteps: 20 * epoch, records: recordsOf(values) }
  const rng = Rng.fromSeed(1)
  const nodes = sampleNodes(graph, 64, rng)
  const { signal } = new AbortController()
  const port = new InMemoryTraining(model, new Adam())
  const guarded = { ...settings, model: guardedPort(model, port, signal) }
  return new Inspection(guarded, state, at, () => nodes, rng, signal)
}

const flat = (value: number, epochs = 60) => Array.from({ length: epochs }, () => value)
const growing = (from: number, by: number, epochs = 60) =>
  Array.from({ length: epochs }, (_, epoch) => from + by * epoch)

describe('one list for everybody', () => {
  it('is let be while validation rises', async () => {
    expect(await sameLists.examine(inspect(growing(0.01, 1e-4)))).toBeUndefined()
    const once = [...flat(0.05, 40), ...flat(0.051, 20)]
    expect(await sameLists.examine(inspect(once))).toBeUndefined()
  })

  it('is found when it does not, above Popularity too', async () => {
    const found = await sameLists.examine(inspect(flat(0.2)))
    expect(found?.values).toEqual({ lists: 1, users: 20 })
    expect(await sameLists.examine(inspect([0.3, ...flat(0.2)]))).toBeDefined()
  })

  it('is found without an evaluation', async () => {
    const none = Array.from({ length: 60 }, () => undefined)
    expect(await sameLists.examine(inspect(none))).toBeDefined()
  })
})

describe('rows of one direction', () => {
  type Values = readonly (number | undefined)[]
  const ofLayer = (values: Values) =>
    oneDirectionLayers.examine(inspect(values, { model: new OneWayLayerModel(graph) }))
  const ofRanking = (values: Values) =>
    oneDirectionLayers.examine(inspect(values, { model: new OneWayModel(graph) }))
  const none = Array.from({ length: 60 }, () => undefined)

  it('are let be while validation rises', async () => {
    expect(await ofLayer(growing(0.01, 1e-4))).toBeUndefined()
    expect(await ofRanking(growing(0.01, 1e-4))).toBeUndefined()
  })

  it('are let be in a layer of a model that is above Popularity', async () => {
    expect(await ofLayer(flat(0.11))).toBeUndefined()
    const found = await ofLayer(flat(0.1))
    expect(Object.keys(found?.values ?? {})).toEqual(['layer 2, users', 'layer 2, items'])
    expect(await ofLayer(none)).toBeDefined()
  })

  it('are found in what ranks, above Popularity too', async () => {
    const found = await ofRanking(flat(0.11))
    const names = ['the final embeddings, users', 'the final embeddings, items']
    expect(Object.keys(found?.values ?? {})).toEqual(names)
    expect(await ofRanking(none)).toBeDefined()
  })
})

describe('validation below Popularity', () => {
  it('is let be while its pace is enough for the epochs that are left', async () => {
    const slow = growing(0.02, 1e-3, 50)
    expect(await belowPopularity.examine(inspect(slow))).toBeUndefined()
    const found = await belowPopularity.examine(inspect(slow, { epochs: 70 }))
    expect(found?.values).toEqual({ best: slow[49], popularity: 0.1 })
    expect(found?.message).toContain('and will not be after 70 if it grows as in the last 25')
  })

  it('is found when it does not grow, and at the end', async () => {
    expect(await belowPopularity.examine(inspect(flat(0.05, 49)))).toBeUndefined()
    expect(await belowPopularity.examine(inspect(flat(0.05, 50)))).toBeDefined()
    const last = await belowPopularity.examine(inspect(growing(0.02, 1e-3, 50), { epochs: 50 }))
    expect(last?.message).toContain('of Popularity, which trains nothing. Probably')
  })

  it('is no finding once it was above', async () => {
    expect(await belowPopularity.examine(inspect([0.2, ...flat(0.05)]))).toBeUndefined()
  })
})

describe('the trend of validation', () => {
  it('is that of the first metric with a value per user', () => {
    const trend = ValidationTrend.of(metrics, recordsOf([undefined, 0.3, 0.2]), 3)
    expect(trend).toMatchObject({ metric: 'ndcg@5', best: 0.3 })
    expect(ValidationTrend.of(['coverage@5'], recordsOf([0.3]), 1)).toBeUndefined()
    expect(ValidationTrend.of(metrics, recordsOf([undefined]), 1)).toBeUndefined()
  })

  it('expects more than the best exactly where it rises', () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }))
    const count = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(values, count, count, (known, window, more) => {
        const epoch = known.length
        const trend = ValidationTrend.of(metrics, recordsOf(known), epoch)
        if (!trend) return
        expect(trend.best).toBe(Math.max(...known.map((value) => value ?? 0)))
        const expected = trend.expectedBest(epoch + more, window)
        expect(expected > trend.best).toBe(trend.isRising(window))
        expect(trend.expectedBest(epoch, window)).toBe(trend.best)
      }),
    )
  })
})
