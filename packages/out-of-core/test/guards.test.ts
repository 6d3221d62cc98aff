import { join } from 'node:path'
import { BipartiteGraph } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/graph/ops'
import { LightGcn, type LightGcnOptions } from '@gnnrec/models'
import { OutOfCoreTrainer, type OutOfCoreTrainerOptions } from '@gnnrec/out-of-core'
import { type GuardSettings, Trainer, type TrainingEvent } from '@gnnrec/train'
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
  'below-popularity': {
    options: {},
    training: { learningRate: 1e-6, metrics: ['recall@10'] },
    guards: { 'below-popularity': { afterEpochs: 1 } },
  },
}

describe.each(Object.entries(failing))('%s', (code, { options, training, guards = {} }) => {
  const common = {
    ...{ split, epochs: 6, batchSize: 60, ...training, guards },
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
      model: { architecture: 'LightGcn', options: modelOptions },
      ...{ folder: join(folder, code), maxMemory: 1e9, ...common },
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
        model: { architecture: 'LightGcn', options: modelOptions },
        ...{ folder: join(folder, `${code}-${name}`), maxMemory: 1e9, ...common, guards: own },
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
