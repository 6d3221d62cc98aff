import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  schedules,
  Trainer,
  type TrainerOptions,
  TrainingLoop,
  type TrainingPort,
} from '../../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from '../support/checkpoint-folder.js'
import { expectSameTraining, trainTo } from '../support/same-training.js'
import { otherModel, smallModel, smallOptions } from '../support/small-training.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))

type Changes = Partial<TrainerOptions>

/** Trains with some options, goes on with others, and compares with a training by the others alone. */
async function goesOn(first: Changes, second: Changes, stop?: { epoch: number; step?: number }) {
  const checkpoint = await temporaryFolder()
  const before = { ...smallOptions, ...first, checkpoint }
  await trainTo({ ...before, model: smallModel() }, stop)
  const options = { ...smallOptions, ...second }
  const resumed = await trainTo({ ...options, checkpoint, model: smallModel(), resume: 'latest' })
  const whole = await trainTo({ ...options, model: smallModel() })
  expectSameTraining(resumed, whole)
  return whole.history
}

/** Trains with some options, and expects that others are refused with a message. */
async function isRefused(
  first: Changes,
  second: Changes,
  message: RegExp,
  stop?: { epoch: number; step?: number },
) {
  const checkpoint = await temporaryFolder()
  await trainTo({ ...smallOptions, ...first, checkpoint, model: smallModel() }, stop)
  const options = { ...smallOptions, ...second, checkpoint, resume: 'latest' } as const
  const fit = new Trainer({ ...options, model: smallModel() }).fit()
  await expect(fit).rejects.toMatchObject({
    code: 'CHECKPOINT_MISMATCH',
    message: expect.stringMatching(message),
  })
}

const patient = (patience: number) => ({
  earlyStopping: { metric: 'ndcg@5', patience, minimumChange: 0.5 },
})

describe('a checkpoint goes on to the same bytes', () => {
  it.each([
    ['at a constant rate', {}],
    ['by steps', { schedule: { name: 'step', every: 2, factor: 0.5 } }],
    ['after a warm-up', { schedule: { name: 'linear-warmup', epochs: 2 } }],
    ['by a function', { schedule: ({ epoch }: { epoch: number }) => 1 / (1 + epoch) }],
    ['on plateaus', { schedule: { name: 'reduce-on-plateau', patience: 1 } }],
    ['for a loss', { metrics: [], earlyStopping: { metric: 'loss', patience: 50 } }],
    ['without evaluation', { metrics: [] }],
  ] as [string, Changes][])('with more epochs %s', async (_, settings) => {
    const { epochs } = await goesOn({ ...settings, epochs: 3 }, { ...settings, epochs: 7 })
    expect(epochs).toHaveLength(7)
  })

  it.each([{ epoch: 2 }, { epoch: 2, step: 3 }])(
    'in the middle, with more or fewer epochs',
    async (stop) => {
      await goesOn({ epochs: 4 }, { epochs: 6 }, stop)
      await goesOn({ epochs: 6 }, { epochs: 4 }, stop)
    },
  )

  it('when the epochs end where the checkpoint is', async () => {
    const { stopReason } = await goesOn({ epochs: 6 }, { epochs: 3 }, { epoch: 3 })
    expect(stopReason).toBe('completed')
  })

  it('with a longer patience, or with none, after early stopping', async () => {
    const short = { epochs: 20, ...patient(1) }
    const { stopReason } = await goesOn(short, { epochs: 20, ...patient(4) })
    expect(stopReason).toBe('early-stopping')
    const exact = (patience: number) => ({ earlyStopping: { metric: 'ndcg@5', patience } })
    await goesOn({ epochs: 12, ...exact(1) }, { epochs: 12 })
    await goesOn({ epochs: 3 }, { epochs: 12, ...exact(9) })
  })

  it('with a shorter patience that ends it at that place or later', async () => {
    const { stopReason } = await goesOn(
      { epochs: 20, ...patient(9) },
      { epochs: 20, ...patient(2) },
      { epoch: 2 },
    )
    expect(stopReason).toBe('early-stopping')
  })
})

describe('a checkpoint is of another training', () => {
  it('when the rates so far depend on the number of epochs, and offers a warm start', async () => {
    const message =
      /training\.schedule: its rates depend on the number of epochs; epoch \d+ was trained at .* with 3 epochs, and would be at .* with 6[\s\S]*warmStart: '.*checkpoint-\d+', without resume/
    for (const schedule of [
      { name: 'cosine' } as const,
      { name: 'warmup-cosine', warmupEpochs: 1, finalFraction: 0 } as const,
      schedules.cosine({}),
    ]) {
      await isRefused({ epochs: 3, schedule }, { epochs: 6, schedule }, message)
    }
  })

  it('of a model with other options, and offers a warm start where training can start from weights', async () => {
    const checkpoint = await temporaryFolder()
    await new Trainer({ ...smallOptions, model: smallModel(), checkpoint }).fit()
    const graph = BipartiteGraph.fromInteractions(smallOptions.split.train)
    const common = { embeddingDim: 8, layers: 1 }
    const plain = new LightGcn(graph, common)
    const resumed = { ...smallOptions, checkpoint, resume: 'latest' } as const
    await expect(new Trainer({ ...resumed, model: plain }).fit()).rejects.toThrow(
      /model\.options\.edgeDropout: [\s\S]*warmStart: '.*checkpoint-\d+', without resume/,
    )
    const wider = new LightGcn(graph, { ...common, embeddingDim: 9 })
    const anew = /or start anew in another folder\.$/
    await expect(new Trainer({ ...resumed, model: wider }).fit()).rejects.toThrow(anew)
    const { progress: _progress, handleInterrupt: _interrupt, ...training } = resumed
    const loop = new TrainingLoop({ ...training, model: smallModel(), learningRate: 0.5 })
    // A port that cannot start from given weights.
    const port = { restoreBest: () => {} } as unknown as TrainingPort
    await expect(loop.run(port).next()).rejects.toThrow(anew)
  })

  it('when there are fewer epochs than were trained', async () => {
    await isRefused({ epochs: 3 }, { epochs: 2 }, /is in epoch 3, this training has 2/)
    await isRefused({ epochs: 3 }, { epochs: 2 }, /is in epoch 3, this/, { epoch: 3, step: 1 })
  })

  it('when the last epoch was evaluated because it was the last, or has to be', async () => {
    const settings = { evaluateEvery: 2 }
    const more = /epoch 3 was evaluated because it was the last; with evaluateEvery 2/
    await isRefused({ ...settings, epochs: 3 }, { ...settings, epochs: 6 }, more)
    const fewer = /epoch 3 was not evaluated/
    await isRefused({ ...settings, epochs: 6 }, { ...settings, epochs: 3 }, fewer, { epoch: 3 })
    await goesOn({ ...settings, epochs: 4 }, { ...settings, epochs: 6 })
  })

  it('when a shorter patience would have ended it before', async () => {
    const first = { epochs: 20, ...patient(5) }
    const message = /patience: with 1, training ends after epoch \d; the checkpoint is after that/
    await isRefused(first, { epochs: 20, ...patient(1) }, message)
  })

  it('when another measure decides, or other settings differ as well', async () => {
    const stopOn = (metric: string) => ({ earlyStopping: { metric, patience: 5 } })
    await isRefused({ ...stopOn('ndcg@5') }, { ...stopOn('loss'), epochs: 6 }, /earlyStopping/)
    await isRefused(
      {},
      { epochs: 6, learningRate: 0.5 },
      /training\.learningRate: .* 0\.01, .* 0\.5/,
    )
    const other = () => 0.5
    await isRefused({ schedule: () => 1 }, { epochs: 6, schedule: other }, /training\.schedule/)
  })
})

describe('a warm start', () => {
  it('begins anew from the best weights of a checkpoint, with other options', async () => {
    const checkpoint = await temporaryFolder()
    const first = smallModel()
    await new Trainer({ ...smallOptions, model: first, checkpoint }).fit()
    const changes = { epochs: 2, learningRate: 0.05, schedule: { name: 'cosine' } } as const
    const options = { ...smallOptions, ...changes }
    const warm = await trainTo({ ...options, model: smallModel(), warmStart: checkpoint })
    expectSameTraining(warm, await trainTo({ ...options, model: first }))
    expect(warm.history.epochs).toHaveLength(2)
  })

  it('counts only at the start beside latest-or-start', async () => {
    const [old, own] = [await temporaryFolder(), await temporaryFolder()]
    await trainTo({ ...smallOptions, model: smallModel(), checkpoint: old })
    const options = { ...smallOptions, seed: 9, checkpoint: own, warmStart: old }
    const model = smallModel
    await trainTo({ ...options, model: model(), resume: 'latest-or-start' }, { epoch: 2 })
    const resumed = await trainTo({ ...options, model: model(), resume: 'latest-or-start' })
    const { checkpoint: _, ...alone } = options
    expectSameTraining(resumed, await trainTo({ ...alone, model: model() }))
  })

  it('is refused for another model, an empty folder, or beside resume', async () => {
    const folder = await temporaryFolder()
    const options = { ...smallOptions, warmStart: folder }
    const empty = new Trainer({ ...options, model: smallModel() }).fit()
    await expect(empty).rejects.toThrow(/no checkpoint in .* to start from/)
    await trainTo({ ...smallOptions, model: smallModel(), checkpoint: folder })
    await expect(new Trainer({ ...options, model: otherModel() }).fit()).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
    })
    expect(
      () => new Trainer({ ...options, model: smallModel(), checkpoint: folder, resume: 'latest' }),
    ).toThrow(/warmStart: got .* beside resume: 'latest'/)
  })
})
