import { join } from 'node:path'
import { BipartiteGraph } from '@gnnrec/graph'
import { Dgr, LayerGcn, LightGcn, type LightGcnOptions } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreTrainer, type OutOfCoreTrainerOptions } from '@gnnrec/out-of-core'
import {
  type GuardSettings,
  Trainer,
  type TrainingEvent,
  type TrainingHistory,
} from '@gnnrec/train'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

beforeAll(() => useBackend('simd', { threads: 1 }))

const folder = temporaryFolder()
const split = madeSplit({ users: 200, items: 150 })

interface Failing {
  readonly options: LightGcnOptions
  readonly training: Pick<OutOfCoreTrainerOptions, 'learningRate'> &
    Partial<Pick<OutOfCoreTrainerOptions, 'clipNorm' | 'metrics'>>
  readonly guards?: GuardSettings
}

/** Trainings that guards have something to say of. */
const failing: Readonly<Record<string, Failing>> = {
  'exploding-parameters': { options: {}, training: { learningRate: 30, clipNorm: 1 } },
  'shrinking-parameters': {
    options: { l2Weight: 20 },
    training: { learningRate: 0.02 },
    guards: { 'tied-scores': 'warn' },
  },
  'unmoved-loss': {
    options: { l2Weight: 1e4 },
    training: { learningRate: 0.005 },
    guards: { 'tied-scores': 'warn' },
  },
  'below-popularity': {
    options: {},
    training: { learningRate: 1e-6, metrics: ['recall@10'] },
    guards: { 'below-popularity': { afterEpochs: 1 } },
  },
}

describe.each(Object.entries(failing))('%s', (code, { options, training, guards = {} }) => {
  const common = {
    split,
    epochs: 6,
    batchSize: 60,
    ...training,
    guards,
    sampling: 'interaction-shuffle',
  } as const
  const modelOptions = { embeddingDim: 8, layers: 2, ...options }

  it('is found in blocks as in memory', async () => {
    const tensors = tf.memory().numTensors
    const graph = BipartiteGraph.fromInteractions(split.train)
    const model = new LightGcn(graph, modelOptions)
    const expected = await new Trainer({ model, progress: 'none', ...common }).fit()
    model.dispose()
    graph.dispose()
    const events: TrainingEvent[] = []
    const trained = await new OutOfCoreTrainer({
      model: { architecture: 'light-gcn', options: modelOptions },
      folder: join(folder, code),
      maxMemory: 1e9,
      ...common,
    }).fit({ onEvent: (event) => events.push(event) })
    expect(trained.history.findings).toEqual(expected.findings)
    expect(expected.findings.map((finding) => finding.code)).toContain(code)
    const found = events.filter(({ type }) => type === 'finding')
    expect(found.map(({ type: _, ...finding }) => finding)).toEqual(expected.findings)
    await trained.close()
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('is let be where its guard is off, and ends training where it is to', async () => {
    const tensors = tf.memory().numTensors
    const train = (name: string, own: GuardSettings) =>
      new OutOfCoreTrainer({
        model: { architecture: 'light-gcn', options: modelOptions },
        folder: join(folder, `${code}-${name}`),
        maxMemory: 1e9,
        ...common,
        guards: own,
      }).fit()
    const quiet = await train('quiet', { ...guards, [code]: 'off' })
    expect(quiet.history.findings.map((finding) => finding.code)).not.toContain(code)
    await quiet.close()
    const own = (guards as Record<string, unknown>)[code]
    const level = typeof own === 'object' ? { ...own, level: 'stop' } : 'stop'
    await expect(train('stop', { ...guards, [code]: level })).rejects.toMatchObject({
      code: 'DEGENERATE_MODEL',
    })
    expect(tf.memory().numTensors).toBe(tensors)
  })
})

describe('layers of one direction', () => {
  const architectures = {
    'light-gcn': { Model: LightGcn, options: { layerWeights: [...new Array(20).fill(0), 1] } },
    'layer-gcn': { Model: LayerGcn, options: { edgePruning: 0, initialDeviation: 1e-3 } },
    dgr: {
      Model: Dgr,
      options: { desmoothing: [...new Array(19).fill(0), 0.3], neighbourWeight: 0 },
    },
  } as const
  it.each(Object.keys(architectures) as (keyof typeof architectures)[])(
    'are found in those of %s as in memory',
    async (architecture) => {
      const small = madeSplit({ users: 40, items: 30 })
      // Guards look again after 800 steps.
      const epochs = 3 + Math.ceil(800 / Math.ceil(small.train.userIndex.length / 10))
      const { Model, options } = architectures[architecture]
      const modelOptions = { embeddingDim: 4, layers: 20, ...options } as object
      const common = {
        split: small,
        epochs,
        batchSize: 10,
        learningRate: 1e-9,
        sampling: 'interaction-shuffle',
        guards: { 'one-direction': { afterEpochs: 1 } },
      } as const
      const graph = BipartiteGraph.fromInteractions(small.train)
      const model = new Model(graph, modelOptions)
      const expected = await new Trainer({ model, progress: 'none', ...common }).fit()
      model.dispose()
      const trained = await new OutOfCoreTrainer({
        model: { architecture, options: modelOptions },
        folder: join(folder, `direction-${architecture}`),
        maxMemory: 1e9,
        ...common,
      }).fit({ onEvent: () => undefined })
      const values = ({ findings }: TrainingHistory) =>
        findings.map(({ code, epoch, values }) => [
          ...[code, epoch],
          Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(4))]),
        ])
      expect(values(trained.history)).toEqual(values(expected))
      expect(expected.findings.map(({ code }) => code)).toContain('one-direction')
      await trained.close()
    },
  )
})
