import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { BprMf, type GraphModel, LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  DegenerateModelError,
  type GuardSettings,
  parseTrainingLog,
  Trainer,
  type TrainerOptions,
} from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import {
  CachingModel,
  ConstantModel,
  CopyingModel,
  UserlessModel,
} from '../support/failing-models.js'
import { expectSameTraining, trainInParts, trainTo } from '../support/same-training.js'
import { plantedBlocks, randomSplit } from '../support/splits.js'

removeFoldersAfterEach()
afterEach(() => {
  vi.restoreAllMocks()
})
beforeAll(() => useBackend('simd', { threads: 2 }))

const split = plantedBlocks(7, 20)
const graph = BipartiteGraph.fromInteractions(split.train)
const settings = {
  split,
  epochs: 3,
  batchSize: 20,
  learningRate: 1e-3,
  sampling: 'user-uniform',
  progress: { warning: () => {} },
} as const satisfies Omit<TrainerOptions, 'model'>

async function fit(model: GraphModel, changes: Partial<TrainerOptions> = {}) {
  const history = await new Trainer({ ...settings, model, ...changes }).fit()
  model.dispose()
  return history
}

describe('a finding', () => {
  const model = () => new CopyingModel(graph, { wholeTableDecay: 1e-4 })

  it('of the level stop ends training with an error that carries it', async () => {
    const error = await fit(model()).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(DegenerateModelError)
    const { code, message, finding } = error as DegenerateModelError
    expect(code).toBe('DEGENERATE_MODEL')
    expect(finding).toMatchObject({ code: 'no-data-gradient', level: 'stop', epoch: 1 })
    expect(finding.values).toEqual({ data: 0, rest: expect.closeTo(finding.values['rest']) })
    expect(finding.values['rest']).toBeGreaterThan(0)
    expect(message).toMatch(/CopyingModel learns nothing .* \(Guard 'no-data-gradient', epoch 1/)
  })

  it('of the level warn comes once: as an event, in the history, in the log and as a warning', async () => {
    const folder = await temporaryFolder()
    const log = join(folder, 'log.jsonl')
    const warning = vi.fn()
    const guards = { 'no-data-gradient': 'warn' } as const
    const trained = model()
    const options = { ...settings, epochs: 6, model: trained, guards, log, progress: { warning } }
    const events: unknown[] = []
    let history: unknown
    for await (const event of new Trainer(options).run()) {
      if (event.type === 'finding') events.push(event)
      if (event.type === 'end') history = event.history
    }
    expect(events).toHaveLength(1)
    const [{ type, ...finding }] = events as [{ type: string; message: string }]
    expect(finding).toMatchObject({ code: 'no-data-gradient', level: 'warn', epoch: 1 })
    expect(history).toMatchObject({ findings: [finding], stopReason: 'completed' })
    expect(warning.mock.calls).toEqual([
      [`${finding.message} (Guard 'no-data-gradient', epoch 1.)`],
    ])
    const lines = parseTrainingLog(await readFile(log, 'utf8'))
    const logged = lines.filter((line) => line.type === 'finding')
    expect(logged).toEqual([{ ...finding, type: 'finding', time: logged[0].time }])
    expect(lines[lines.indexOf(logged[0]) - 1]).toMatchObject({ record: { epoch: 1 } })
    trained.dispose()
  })

  it('is told to a reporter that asks for findings', async () => {
    const finding = vi.fn()
    const warning = vi.fn()
    const guards = { 'no-data-gradient': 'warn' } as const
    const { findings } = await fit(model(), { guards, progress: { finding, warning } })
    expect(finding.mock.calls).toEqual([findings])
    expect(warning).not.toHaveBeenCalled()
  })

  it('is a warning of the process where nobody listens', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await fit(model(), { guards: { 'no-data-gradient': 'warn' }, progress: 'none' })
    expect(emit.mock.calls).toEqual([
      [expect.stringMatching(/only the regularizer/), 'GnnRecWarning'],
    ])
  })

  it('keeps a training that goes on from a checkpoint the same', async () => {
    const options = { ...settings, epochs: 4, guards: { 'no-data-gradient': 'warn' } as const }
    const whole = await trainTo({ ...options, model: model() })
    expect(whole.history.findings).toHaveLength(1)
    const checkpoint = { folder: await temporaryFolder(), everySteps: 1 }
    const places = [{ epoch: 1, step: 2 }, { epoch: 1 }, { epoch: 3, step: 1 }, undefined]
    expectSameTraining(await trainInParts(model, { ...options, checkpoint }, places), whole)
  })
})

describe('guards', () => {
  it('change nothing of a training, and leave no tensor behind', async () => {
    const train = async (guards?: false) => {
      const model = new LightGcn(graph, { embeddingDim: 8, layers: 2, edgeDropout: 0.2 })
      model.parameters()
      const before = tf.memory().numTensors
      await new Trainer({
        ...settings,
        model,
        epochs: 5,
        ...(guards === false && { guards }),
      }).fit()
      expect(tf.memory().numTensors).toBe(before)
      const weights = await model.weights()
      model.dispose()
      return weights
    }
    expect(await train()).toEqual(await train(false))
  })

  it('do nothing when they are off', async () => {
    const model = new CachingModel(graph, { wholeTableDecay: 1e-4, initialDeviation: 1 })
    const layerOutputs = vi.spyOn(model, 'layerOutputs')
    const lossTerms = vi.spyOn(model, 'lossTerms')
    const history = await fit(model, { guards: false, epochs: 2 })
    expect(history.findings).toEqual([])
    expect(history.epochs.map(({ guardSeconds }) => guardSeconds)).toEqual([0, 0])
    const steps = history.epochs.reduce((sum, epoch) => sum + epoch.steps, 0)
    expect(lossTerms).toHaveBeenCalledTimes(steps)
    expect(layerOutputs).toHaveBeenCalledTimes(2)
  })

  it('refuse settings that say nothing', () => {
    const model = new BprMf(graph, { embeddingDim: 4 })
    const trainer = (guards: unknown) => () =>
      new Trainer({ ...settings, model, guards: guards as GuardSettings })
    for (const bad of [
      ...[true, 'warn', { 'tied-score': 'warn' }, { 'tied-scores': 'error' }],
      ...[{ 'tied-scores': { level: 'warn' } }, { 'same-lists': { afterEpochs: 0 } }],
      ...[{ 'same-lists': { after: 1 } }, { 'below-popularity': { afterEpochs: 1.5 } }],
    ]) {
      expect(trainer(bad), JSON.stringify(bad)).toThrow(InvalidOptionsError)
    }
    expect(trainer({ 'tied-score': 'warn' })).toThrow(
      /guards: got .*; expected false or .*: below-popularity, exploding/,
    )
  })

  it('leave models alone that rank by ties, when told so', async () => {
    const off = { 'tied-scores': 'off', 'no-data-gradient': 'off', 'same-lists': 'off' } as const
    const history = await fit(new ConstantModel(graph), { guards: off, metrics: ['ndcg@5'] })
    expect(history).toMatchObject({ stopReason: 'completed', findings: [] })
  })
})

describe('guards that wait', () => {
  /** Long enough for a third look, 800 steps after the second. */
  const long = { epochs: 23, batchSize: 3, learningRate: 5e-3 }
  const codesOf = async (model: GraphModel, changes: Partial<TrainerOptions>) =>
    (await fit(model, { ...long, ...changes })).findings.map(({ code }) => code)

  it('find one list for everybody', async () => {
    const guards = { 'same-lists': { afterEpochs: 5 } }
    expect(await codesOf(new UserlessModel(graph), { guards })).toEqual(['same-lists'])
  })

  it('find layers whose rows are one direction', async () => {
    const guards = { 'one-direction': { afterEpochs: 5 } }
    const dense = randomSplit({ seed: 2, users: 30, items: 30, perUser: 6 })
    const denseGraph = BipartiteGraph.fromInteractions(dense.train)
    const model = new LightGcn(denseGraph, { embeddingDim: 4, layers: 12 })
    expect(await codesOf(model, { split: dense, guards })).toEqual(['one-direction'])
  })

  it('find validation that stays below popularity', async () => {
    const guards = { 'below-popularity': { afterEpochs: 4 } }
    const noise = randomSplit({ seed: 4, users: 80, items: 40, perUser: 6 })
    const noiseGraph = BipartiteGraph.fromInteractions(noise.train)
    const model = new BprMf(noiseGraph, { embeddingDim: 8, initialDeviation: 1 })
    const options = { ...settings, split: noise, epochs: 6, metrics: ['coverage@5', 'recall@3'] }
    const { findings, epochs } = await fit(model, { ...options, guards, learningRate: 1e-6 })
    expect(findings.map(({ code, epoch }) => [code, epoch])).toEqual([['below-popularity', 4]])
    const [{ values, message }] = findings
    const best = Math.max(
      ...epochs.slice(0, 4).map(({ validation }) => validation?.['recall@3'] ?? 0),
    )
    expect(values['best']).toBe(best)
    expect(values['popularity']).toBeGreaterThanOrEqual(best)
    expect(message).toMatch(/After 4 epochs the best recall@3 on validation/)
  })

  it('find parameters that blow up, at once', async () => {
    const model = new BprMf(graph, { embeddingDim: 8 })
    const optimizer = { name: 'adam' } as const
    const { findings } = await fit(model, { learningRate: 1000, optimizer, epochs: 1 })
    expect(findings.map(({ code }) => code)).toEqual(['exploding-parameters'])
  })
})
