import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf, Gcnii, type GraphModel, LightGcn, models } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { TrainerOptions } from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { expectSameTraining, trainInParts, trainTo } from '../support/same-training.js'
import { randomSplit } from '../support/splits.js'

removeFoldersAfterEach()

// Large enough for several threads in some kernels, and for everybody to have strangers.
const split = randomSplit({ seed: 3, users: 300, items: 200, perUser: 6 })
const graph = BipartiteGraph.fromInteractions(split.train)
const embeddingDim = 32

/** Options with which a model draws at random in every epoch or step. */
const ownOptions: Readonly<Record<string, object>> = {
  'light-gcn': { edgeDropout: 0.2 },
  'layer-gcn': { layers: 2, edgePruning: 0.2 },
  'group-shuffle': { layers: 2, shuffle: 'random' },
  'svd-gcn': { variant: 'M', rank: 16 },
  gcnii: { layers: 2, dropout: 0.2 },
}

const common = {
  split,
  epochs: 4,
  batchSize: 256,
  learningRate: 0.01,
  seed: 'x',
  clipNorm: 1,
  metrics: ['ndcg@10'],
  progress: 'none' as const,
  handleInterrupt: false,
  schedule: { name: 'warmup-cosine', warmupEpochs: 1, finalFraction: 0.01, per: 'step' } as const,
}

/** The middle of epoch 1, the end of it, and the middle and the last step of epoch 3. */
const places = [{ epoch: 1, step: 2 }, { epoch: 1 }, { epoch: 3, step: 3 }, { epoch: 3, step: 8 }]
const stopped = [...places, undefined]

describe('training that goes on from a checkpoint', () => {
  it.each(models.names({ isTrained: true }))(
    'gives the same bytes of %s as one that never stopped, on any number of threads',
    async (name) => {
      const makeModel = (): GraphModel =>
        models.createTrained(graph, {
          architecture: name,
          options: { embeddingDim, ...ownOptions[name] },
        })
      const sampling = name === 'bpr-mf' ? 'interaction-shuffle' : 'user-uniform'
      await useBackend('simd', { threads: 2 })
      const model = makeModel()
      const whole = await trainTo({ ...common, sampling, model })
      model.dispose()
      expect(whole.history.epochs[0].steps).toBe(8)

      const folder = await temporaryFolder()
      const options = { ...common, sampling, checkpoint: folder } as const
      const threads = async (part: number) => {
        await useBackend('simd', { threads: [1, 3, 2, 4, 1][part] })
      }
      expectSameTraining(await trainInParts(makeModel, options, stopped, threads), whole)
    },
  )

  it.each([
    { optimizer: { name: 'sgd', momentum: 0.9 }, accumulateSteps: 2, clipValue: 0.001 },
    { optimizer: { name: 'adamw', amsgrad: true }, weightDecay: { conv: 0.01 } },
    { optimizer: { name: 'lazy-adam' }, evaluateEvery: 2 },
    {
      optimizer: { name: 'adagrad' },
      schedule: { name: 'reduce-on-plateau', patience: 1, minimumChange: 10 },
    },
    { earlyStopping: { metric: 'ndcg@5', patience: 1, minimumChange: 10 }, metrics: [] },
    { earlyStopping: { metric: 'loss', patience: 2 }, negativesPerPositive: 3 },
    { negatives: { popularityExponent: 0.75 }, metrics: [] },
  ] as const)('gives the same bytes with %o', async (extra) => {
    await useBackend('simd', { threads: 2 })
    const makeModel = () => new Gcnii(graph, { embeddingDim: 8, layers: 1, dropout: 0.1 })
    const settings = { ...common, sampling: 'user-uniform', ...extra } as Omit<
      TrainerOptions,
      'model'
    >
    const model = makeModel()
    const whole = await trainTo({ ...settings, model })
    model.dispose()
    const folder = await temporaryFolder()
    const parts = whole.history.epochs.length < 3 ? stopped.slice(0, 2).concat(undefined) : stopped
    const steps = whole.history.epochs[0].steps
    const reachable = parts.map((place) =>
      place?.step === undefined ? place : { ...place, step: Math.min(place.step, steps) },
    )
    const options = { ...settings, checkpoint: { folder, everySteps: 3 } }
    expectSameTraining(await trainInParts(makeModel, options, reachable), whole)
  })

  it('gives the weights of the best epoch, though a later one was trained after the stop', async () => {
    await useBackend('cpu')
    const makeModel = () => new BprMf(graph, { embeddingDim: 4 })
    // No later epoch is so much better.
    const earlyStopping = { metric: 'ndcg@10', patience: 99, minimumChange: 10 }
    const options = { ...common, sampling: 'user-uniform', earlyStopping } as const
    const model = makeModel()
    const whole = await trainTo({ ...options, model })
    expect(whole.history.bestEpoch).toBe(1)
    const folder = await temporaryFolder()
    const parts = [{ epoch: 2, step: 1 }, undefined]
    expectSameTraining(
      await trainInParts(makeModel, { ...options, checkpoint: folder }, parts),
      whole,
    )
  })

  it('answers a training that was at its end as it ended', async () => {
    await useBackend('cpu')
    const makeModel = () => new BprMf(graph, { embeddingDim: 4 })
    for (const earlyStopping of [undefined, { metric: 'ndcg@5', patience: 1, minimumChange: 10 }]) {
      const folder = await temporaryFolder()
      const options = {
        ...common,
        epochs: 3,
        sampling: 'user-uniform' as const,
        checkpoint: folder,
        ...(earlyStopping && { earlyStopping }),
      }
      const first = await trainTo({ ...options, model: makeModel() })
      expect(first.history.stopReason).toBe(earlyStopping ? 'early-stopping' : 'completed')
      const again = await trainTo({ ...options, model: makeModel(), resume: 'latest' })
      expectSameTraining(again, first)
    }
  })

  it('takes back the learning rate that was set while it ran', async () => {
    await useBackend('cpu')
    const makeModel = () => new BprMf(graph, { embeddingDim: 4 })
    const { schedule, ...options } = { ...common, sampling: 'user-uniform' as const }
    const { Trainer } = await import('../../src/index.js')
    const folder = await temporaryFolder()
    const first = new Trainer({ ...options, model: makeModel(), checkpoint: folder })
    const controller = new AbortController()
    for await (const event of first.run({ signal: controller.signal })) {
      if (event.type !== 'step') continue
      if (event.step === 2) first.setLearningRate(0.5)
      if (event.step === 4) controller.abort()
      expect(event.learningRate).toBe(event.step > 2 ? 0.5 : 0.01)
    }
    const again = new Trainer({
      ...options,
      model: makeModel(),
      checkpoint: folder,
      resume: 'latest',
    })
    const rates = new Set<number>()
    for await (const event of again.run()) if (event.type === 'step') rates.add(event.learningRate)
    expect([...rates]).toEqual([0.5])
  })

  it('leaves no tensor behind', async () => {
    await useBackend('simd', { threads: 1 })
    const own = BipartiteGraph.fromInteractions(split.train)
    const before = tf.memory().numTensors
    const makeModel = () => new LightGcn(own, { embeddingDim: 4, layers: 1 })
    const folder = await temporaryFolder()
    const options = { ...common, epochs: 2, sampling: 'user-uniform', checkpoint: folder } as const
    await trainInParts(makeModel, options, [{ epoch: 1, step: 2 }, { epoch: 1 }, undefined])
    own.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })
})
