import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ProgressReporter, Trainer, type TrainerOptions } from '../src/index.js'
import { removeFoldersAfterEach, temporaryFolder } from './support/checkpoint-folder.js'
import { ScriptedModel, scriptedSplit } from './support/scripted-model.js'
import { smallModel, smallOptions, smallSplit } from './support/small-training.js'

removeFoldersAfterEach()
beforeAll(() => useBackend('simd', { threads: 1 }))

const problem = new Error('The dashboard is away.')
const failing = {
  'an asynchronous': async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    throw problem
  },
  'a synchronous': () => {
    throw problem
  },
}
const methods = ['start', 'step', 'epoch', 'checkpoint', 'finding', 'end'] as const

describe.each(Object.keys(failing))('%s reporter that fails', (kind) => {
  const fail = failing[kind as keyof typeof failing]

  it.each(methods)('in %s ends training with a typed error', async (method) => {
    const model = new LightGcn(BipartiteGraph.fromInteractions(smallSplit.train), {
      embeddingDim: 8,
      layers: 1,
      initialization: 'normal',
    })
    const progress: ProgressReporter = { [method]: fail }
    const options: TrainerOptions = {
      ...smallOptions,
      model,
      // A guard finds something.
      learningRate: method === 'finding' ? 1e5 : 0.01,
      checkpoint: await temporaryFolder(),
      progress,
    }
    await expect(new Trainer(options).fit()).rejects.toMatchObject({
      code: 'CALLBACK',
      callback: `progress.${method}`,
      message: problem.message,
      cause: problem,
    })
  })

  it('in warning ends training with a typed error', async () => {
    const checkpoint = await temporaryFolder()
    await new Trainer({ ...smallOptions, model: smallModel(), epochs: 1, checkpoint }).fit()
    const fs = process.getBuiltinModule('node:fs')
    const [name] = fs.readdirSync(checkpoint).filter((each) => /^checkpoint-\d+$/.test(each))
    const file = `${checkpoint}/${name}/checkpoint.json`
    const manifest = JSON.parse(fs.readFileSync(file, 'utf8'))
    fs.writeFileSync(file, JSON.stringify({ ...manifest, libraryVersion: '0.0.1' }))
    const options = { ...smallOptions, epochs: 1, checkpoint, resume: 'latest' } as const
    await expect(
      new Trainer({ ...options, model: smallModel(), progress: { warning: fail } }).fit(),
    ).rejects.toMatchObject({ code: 'CALLBACK', cause: problem })
  })

  it('leaves the best weights so far', async () => {
    const split = scriptedSplit()
    const model = ScriptedModel.onSplit(split, [3, 7, 5, 5, 5])
    const trainer = new Trainer({
      model,
      split,
      epochs: 5,
      batchSize: 5,
      learningRate: 0.1,
      metrics: ['hit@1'],
      guards: false,
      progress: { epoch: ({ record }) => (record.epoch === 4 ? fail() : undefined) },
    })
    await expect(trainer.fit()).rejects.toMatchObject({ code: 'CALLBACK' })
    expect(model.number).toBe(model.snapshots[1])
  })

  it('does not hide the error that ended training', async () => {
    const options = { ...smallOptions, model: smallModel(), resume: '/no/such/folder' }
    await expect(new Trainer({ ...options, progress: { end: fail } }).fit()).rejects.toMatchObject({
      code: 'CHECKPOINT',
    })
  })
})

it('waits for an asynchronous reporter', async () => {
  const steps: string[] = []
  const slow = (name: string) => async () => {
    steps.push(`${name} begins`)
    await new Promise((resolve) => setTimeout(resolve, 2))
    steps.push(`${name} ends`)
  }
  await new Trainer({
    ...smallOptions,
    model: smallModel(),
    epochs: 1,
    progress: { start: slow('start'), epoch: slow('epoch'), end: slow('end') },
  }).fit()
  expect(steps).toEqual(
    ['start', 'epoch', 'end'].flatMap((name) => [`${name} begins`, `${name} ends`]),
  )
})

it.each([async () => 1, async () => Promise.reject(problem)])(
  'refuses a schedule that is asynchronous',
  (schedule) => {
    const options = { ...smallOptions, model: smallModel(), schedule: schedule as never }
    expect(() => new Trainer(options)).toThrow(/schedule: got an asynchronous function/)
  },
)
