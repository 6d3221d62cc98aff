import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { evaluate } from '@gnnrec/eval'
import { fromColumns, type Split, splitRows } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { type FittedModel, type TrainWithinOptions, trainWithin } from '@gnnrec/out-of-core'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { FitDecision } from '../src/fit/fitted-model.ts'
import type { TrainWithinEvent } from '../src/fit/train-within.ts'
import { collected } from './support/collected.ts'
import { madeSplit } from './support/made-split.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const folder = temporaryFolder()
let runs = 0
const ownFolder = () => join(folder, `run-${runs++}`)

beforeAll(() => useBackend('simd', { threads: 2 }))

const training = {
  epochs: 2,
  batchSize: 200,
  learningRate: 0.01,
  sampling: 'user-uniform' as const,
}
const small = madeSplit()
const lightGcn = { architecture: 'light-gcn', options: { embeddingDim: 8, layers: 2 } }

/** Tables of many nodes with few edges: much memory, and few steps. */
function wideSplit({ users = 14_000, items = 7000 } = {}): Split {
  const columns = { user: [] as number[], item: [] as number[] }
  const rows = { train: [] as number[], validation: [] as number[], test: [] as number[] }
  for (let user = 0; user < users; user++) {
    columns.user.push(user)
    columns.item.push((user * 7) % items)
    rows.train.push(user)
  }
  for (let user = 0; user < 50; user++) {
    columns.user.push(user)
    columns.item.push((user * 7 + 1) % items)
    rows.validation.push(users + user)
  }
  return splitRows(fromColumns(columns), rows, { name: 'wide' })
}

async function decide(options: TrainWithinOptions) {
  let decision: FitDecision | undefined
  const onEvent = (event: TrainWithinEvent) => {
    if (event.type === 'fit') decision = event
  }
  const model = await trainWithin(options, { onEvent })
  expect(model.decision).toMatchObject({ way: decision?.way, reason: decision?.reason })
  return model
}

const digest = (bytes: NodeJS.ArrayBufferView) => createHash('sha256').update(bytes).digest('hex')

/** Files of a folder by name. */
const filesIn = (path: string) =>
  Object.fromEntries(
    readdirSync(path).map((name) => [name, digest(readFileSync(join(path, name)))]),
  )

async function weightsOf(model: FittedModel) {
  const weights = await model.weights()
  return [...weights].map(([name, { shape, data }]) => ({ name, shape, data: digest(data) }))
}

describe('trainWithin', () => {
  it('goes over to files where memory does not do, to the same bytes', async () => {
    const split = wideSplit()
    const common = {
      model: { architecture: 'light-gcn', options: { embeddingDim: 256, layers: 2 } },
      split,
      ...training,
      epochs: 1,
      batchSize: 1000,
      guards: false as const,
    }
    const tensors = tf.memory().numTensors
    const refused = await trainWithin({
      ...common,
      fit: 'memory',
      maxMemory: 1e6,
      folder: ownFolder(),
    }).catch((error) => error)
    expect(refused).toMatchObject({ code: 'TRAINING_TOO_LARGE' })
    expect(refused.message).toMatch(/got 1 MB; .* MB in memory, and fit: 'auto' goes over to files/)
    const { peakBytes } = refused.estimate
    const inFiles = await decide({ ...common, maxMemory: peakBytes - 2e7, folder: ownFolder() })
    expect(inFiles.decision.way).toBe('files')
    expect(inFiles.decision.reason).toMatch(/would take \d+ MB in memory, above the \d+ MB/)
    const inMemory = await decide({ ...common, maxMemory: 1e12, folder: ownFolder() })
    expect(inMemory.decision).toMatchObject({
      way: 'memory',
      estimate: { parts: { interactions: 0 } },
    })
    expect(await weightsOf(inFiles)).toEqual(await weightsOf(inMemory))
    const saved = await Promise.all(
      [inFiles, inMemory].map(async (model) => {
        const path = ownFolder()
        await model.save(path)
        const asked = { split, on: 'validation', metrics: ['recall@20'] } as const
        const { metrics } = await evaluate(await model.ranker(), asked)
        const users = [3, 1, 2]
        const lists = await collected(model.recommendAll({ users, k: 5 }))
        const { itemCount } = await model.toRecommender()
        await model.close()
        return { files: filesIn(path), metrics, lists, itemCount }
      }),
    )
    expect(saved[0]).toEqual(saved[1])
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('says the smallest limit where neither way does', async () => {
    const error = await trainWithin({
      model: lightGcn,
      split: small,
      ...training,
      maxMemory: 1e6,
      folder: ownFolder(),
    }).catch((error) => error)
    expect(error).toMatchObject({ code: 'MEMORY_LIMIT' })
    expect(error.message).toMatch(/got 1 MB for the process; in files .* and \d+ MB would do in me/)
    // For so little, memory is the cheaper way; what the process has meanwhile wavers.
    const enough = await decide({
      model: lightGcn,
      split: small,
      ...training,
      folder: ownFolder(),
      maxMemory: error.smallest + 1e8,
    })
    expect(enough.decision.way).toBe('memory')
    await enough.close()
  })

  it('goes on where it began', async () => {
    for (const fit of ['memory', 'files'] as const) {
      const own = ownFolder()
      const options = { model: lightGcn, split: small, ...training, maxMemory: 1e12, folder: own }
      const whole = await trainWithin({ ...options, fit, folder: ownFolder() })
      const stop = new AbortController()
      const part = await trainWithin(
        { ...options, fit },
        { signal: stop.signal, onEvent: ({ type }) => type === 'epoch' && stop.abort() },
      )
      expect(part.history.epochs).toHaveLength(1)
      await part.close()
      await expect(trainWithin(options)).rejects.toMatchObject({ code: 'CHECKPOINT' })
      const rest = await decide({ ...options, resume: true })
      expect(rest.decision.way).toBe(fit)
      expect(rest.history.epochs).toHaveLength(2)
      expect(await weightsOf(rest)).toEqual(await weightsOf(whole))
      await Promise.all([rest.close(), whole.close()])
    }
  })

  it('does not take the traces of a training without a checkpoint for one', async () => {
    for (const name of ['in-memory', 'checkpoints']) {
      const own = ownFolder()
      mkdirSync(join(own, name, 'checkpoint-000001.tmp'), { recursive: true })
      const lock = { pid: 2 ** 30, started: null, host: hostname(), token: 'killed' }
      writeFileSync(join(own, name, 'lock.json'), JSON.stringify(lock))
      const options = { model: lightGcn, split: small, ...training, maxMemory: 1e12, folder: own }
      const model = await decide({ ...options, fit: name === 'in-memory' ? 'files' : 'auto' })
      expect(model.decision.way).toBe(name === 'in-memory' ? 'files' : 'memory')
      await model.close()
    }
  })

  it('says what files cannot train', async () => {
    class OwnModel extends LightGcn {}
    const cases: [TrainWithinOptions['model'], RegExp][] = [
      [
        { architecture: 'bpr-mf' },
        /bpr-mf trains in memory only; in files light-gcn, dgr, layer-gcn/,
      ],
      [{ architecture: OwnModel }, /a class derived from light-gcn trains in memory only/],
      [{ architecture: 'light-gcn', options: { edgeDropout: 0.1 } }, /edgeDropout 0.1/],
    ]
    for (const [model, message] of cases) {
      const options = { model, split: small, ...training, maxMemory: 1e6, folder: ownFolder() }
      const refused = await trainWithin(options).catch((error) => error)
      expect(refused).toMatchObject({ code: 'TRAINING_TOO_LARGE' })
      expect(refused.message).toMatch(message)
      const asked = trainWithin({ ...options, fit: 'files' })
      await expect(asked).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
      await expect(asked).rejects.toThrow(message)
    }
  })

  it.each<[string, object, RegExp]>([
    ['another way', { fit: 'disk' }, /fit: .*'auto'|"auto"/],
    ['no limit', { maxMemory: undefined }, /maxMemory/],
    ['a model that is none', { model: 'light-gcn' }, /expected settings such as/],
    ['a misspelt option', { batchsize: 1 }, /batchsize/],
  ])('refuses %s', async (_, wrong, message) => {
    const options = { model: lightGcn, split: small, ...training, maxMemory: 1e12, ...wrong }
    const refused = trainWithin({ ...options, folder: ownFolder() } as TrainWithinOptions)
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTIONS' })
    await expect(refused).rejects.toThrow(message)
  })
})
