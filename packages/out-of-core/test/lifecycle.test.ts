import { join } from 'node:path'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import { useBackend } from '@gnnrec/ops'
import {
  OutOfCoreFilter,
  type OutOfCoreModel,
  OutOfCoreRanker,
  OutOfCoreSvd,
  OutOfCoreTrainer,
  trainWithin,
} from '@gnnrec/out-of-core'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { collected } from './support/collected.ts'
import { madeSplit } from './support/made-split.ts'
import { outcome, smallOptions, train } from './support/small-training.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let runs = 0
const fresh = () => join(folder, `run-${runs++}`)

beforeAll(() => useBackend('simd', { threads: 1 }))

const disposed = { code: 'DISPOSED' }
const interactions = { pointers: Int32Array.of(0, 2, 3), items: Int32Array.of(0, 1, 1) }
const sizes = { userCount: 2, itemCount: 2, embeddingDim: 4, maxMemory: 10_000_000 }

const within = {
  epochs: 4,
  batchSize: 100,
  learningRate: 0.02,
  sampling: 'interaction-shuffle',
} as const

/** Everything that a model in files can be asked for. */
const uses: Readonly<Record<string, (model: OutOfCoreModel) => unknown>> = {
  ranker: (model) => model.ranker(),
  recommendAll: (model) => collected(model.recommendAll()),
  toRecommender: (model) => model.toRecommender(),
  weights: (model) => model.weights(),
  save: (model) => model.save(fresh()),
}

describe('after close', () => {
  it('every method of a trained model throws a typed error, and closing again does nothing', async () => {
    const options = smallOptions(fresh())
    const model = await new OutOfCoreTrainer(options).fit()
    const ranker = await model.ranker()
    await model.close()
    for (const [method, use] of Object.entries(uses)) {
      await expect(
        Promise.resolve().then(() => use(model)),
        method,
      ).rejects.toMatchObject(disposed)
    }
    const scores = new Float32Array(ranker.itemCount)
    expect(() => ranker.scoreUsers(Int32Array.of(0), scores)).toThrow(
      expect.objectContaining(disposed),
    )
    const next = await new OutOfCoreTrainer({ ...options, resume: true }).fit()
    // The files of the next model must not go.
    await model.close()
    await next.toRecommender()
    await next.close()
  })

  it.each(['memory', 'files'] as const)(
    'a model of trainWithin in %s throws one, too',
    async (fit) => {
      const { model, split, metrics } = smallOptions('')
      const settings = { ...within, model, split }
      const trained = await trainWithin({
        ...settings,
        fit,
        folder: fresh(),
        maxMemory: 4e9,
        metrics: metrics ?? [],
      })
      await trained.ranker()
      await trained.close()
      for (const [method, use] of Object.entries(uses)) {
        const call = Promise.resolve().then(() => use(trained as unknown as OutOfCoreModel))
        await expect(call, method).rejects.toMatchObject(disposed)
      }
      await trained.close()
    },
  )

  it('rankers, filters and decompositions throw one', async () => {
    const { userCount, itemCount, maxMemory } = sizes
    const ranker = OutOfCoreRanker.open({ ...sizes, folder: fresh() })
    ranker.close()
    ranker.close()
    expect(() => ranker.fill('users', () => {})).toThrow(expect.objectContaining(disposed))
    await expect(ranker.rank(Int32Array.of(0), { k: 1 })).rejects.toMatchObject(disposed)
    const filter = await OutOfCoreFilter.open({ ...sizes, interactions, folder: fresh() })
    filter.close()
    filter.close()
    expect(() => filter.fill('users', () => {})).toThrow(expect.objectContaining(disposed))
    expect(() => filter.read('users', () => {})).toThrow(expect.objectContaining(disposed))
    await expect(filter.run([1, 1])).rejects.toMatchObject(disposed)
    const svd = await OutOfCoreSvd.compute({
      userCount,
      itemCount,
      interactions,
      folder: fresh(),
      maxMemory,
      rank: 1,
      oversampling: 1,
    })
    svd.close()
    svd.close()
    expect(() => svd.read('users', () => {})).toThrow(expect.objectContaining(disposed))
  })
})

describe('functions of users', () => {
  it('are waited for, and end training with a typed error that leaves checkpoints', async () => {
    const options = { ...smallOptions(fresh()), resume: true }
    const problem = new Error('The dashboard is away.')
    let epochs = 0
    const onEvent = async ({ type }: { type: string }) => {
      await new Promise((resolve) => setTimeout(resolve, 0))
      if (type === 'epoch' && ++epochs === 3) throw problem
    }
    await expect(new OutOfCoreTrainer(options).fit({ onEvent })).rejects.toMatchObject({
      code: 'CALLBACK',
      cause: problem,
    })
    expect(await train(options)).toEqual(await train(smallOptions(fresh())))
    const { model, split } = options
    for (const fit of ['memory', 'files'] as const) {
      const given = { ...within, model, split, fit, folder: fresh(), maxMemory: 4e9 }
      epochs = 0
      await expect(trainWithin(given, { onEvent })).rejects.toMatchObject({ code: 'CALLBACK' })
    }
  })

  it('that have to answer at once are refused when they are asynchronous', () => {
    const ranker = OutOfCoreRanker.open({ ...sizes, folder: fresh() })
    const fail = async () => {
      throw new Error('too late')
    }
    expect(() => ranker.fill('users', fail)).toThrow(/write: got an asynchronous function/)
    ranker.close()
  })
})

describe('parameters that are freed during a training', () => {
  it.each([{ metrics: ['recall@10'] }, { metrics: [] }])(
    'are a typed error, also after the last step, with %j',
    async ({ metrics }) => {
      for (const last of [2, 4]) {
        const { usedBytes } = defaultRuntime().statistics
        const options = { ...smallOptions(fresh()), metrics }
        const fit = new OutOfCoreTrainer(options).fit({
          onEvent: (event) => {
            if (event.type === 'epoch' && event.record.epoch === last) tf.disposeVariables()
          },
        })
        await expect(fit).rejects.toMatchObject(disposed)
        expect(defaultRuntime().statistics.usedBytes).toBeLessThanOrEqual(usedBytes)
      }
    },
  )
})

describe('two trainings in one folder', () => {
  it('are refused, whichever way they go', async () => {
    const options = smallOptions(fresh())
    const both = await Promise.allSettled([
      new OutOfCoreTrainer(options).fit(),
      new OutOfCoreTrainer(options).fit(),
    ])
    // Either may be the first to lock the folder.
    const [refused] = both.filter((each) => each.status === 'rejected')
    expect(refused?.reason).toMatchObject({ code: 'CHECKPOINT_LOCKED' })
    const [trained] = both.filter((each) => each.status === 'fulfilled')
    const { value: model } = trained as PromiseFulfilledResult<OutOfCoreModel>
    // The model still needs its files.
    await expect(new OutOfCoreTrainer({ ...options, resume: true }).fit()).rejects.toMatchObject({
      code: 'CHECKPOINT_LOCKED',
    })
    await model.close()
    const { model: settings, split } = options
    const given = { ...within, model: settings, split, folder: fresh(), maxMemory: 4e9 }
    const [one, other] = await Promise.allSettled([trainWithin(given), trainWithin(given)])
    const done = [one, other].filter((each) => each.status === 'fulfilled')
    expect(done).toHaveLength(1)
    for (const each of [one, other]) {
      if (each.status === 'fulfilled') await each.value.close()
      else expect(each.reason).toMatchObject({ code: expect.stringMatching(/^CHECKPOINT/) })
    }
  })
})

describe('a checkpoint in files', () => {
  it('goes on with more epochs to the same bytes, or says what differs', async () => {
    const options = { ...smallOptions(fresh()), resume: true }
    await train({ ...options, epochs: 2 })
    expect(await train(options)).toEqual(await train(smallOptions(fresh())))
    const falling = { ...smallOptions(fresh()), schedule: { name: 'cosine' as const } }
    await train(falling)
    const longer = { ...falling, epochs: 8, resume: true }
    await expect(train(longer)).rejects.toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      message: expect.stringMatching(/rates depend on the number of epochs[\s\S]*warmStart/),
    })
    const warm = { ...smallOptions(fresh()), epochs: 1, schedule: { name: 'cosine' as const } }
    const started = await new OutOfCoreTrainer({
      ...warm,
      warmStart: join(falling.folder, 'checkpoints'),
    }).fit()
    const { epochs: after } = await outcome(started)
    await started.close()
    const { epochs: cold } = await train({ ...warm, folder: fresh() })
    expect(after[0]?.loss).toBeLessThan(cold[0]?.loss as number)
  })

  it('of another data set is no start', async () => {
    const options = smallOptions(fresh())
    await train(options)
    const other = {
      ...options,
      folder: fresh(),
      split: madeSplit({ users: 210, items: 150 }),
      warmStart: join(options.folder, 'checkpoints'),
    }
    await expect(train(other)).rejects.toMatchObject({ code: 'CHECKPOINT_MISMATCH' })
  })
})
