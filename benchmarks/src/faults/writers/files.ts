import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { interactionLists } from '@gnnrec/graph'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreFilter, type OutOfCoreModel, OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { Recommender } from '@gnnrec/serving'
import type { TrainingEvent } from '@gnnrec/train'
import { digestOfJson, madeSplit } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

const maxMemory = 4_000_000

/** Graph in files, made where there is none. */
export const graphInFiles: Writer = {
  prepare: async () => undefined,
  async open(folder) {
    await useBackend('simd', { threads: 1 })
    return async () => void (await filtered(folder))
  },
  async read(folder) {
    const isMade = ['users', 'items'].every((side) =>
      existsSync(join(folder, 'graph', `to-${side}.tiles`)),
    )
    return isMade ? filtered(folder) : 'no graph'
  },
}

async function filtered(folder: string): Promise<string> {
  const { train } = madeSplit()
  const filter = await OutOfCoreFilter.open({
    userCount: train.users.size,
    itemCount: train.items.size,
    interactions: interactionLists(train),
    embeddingDim: 4,
    folder,
    maxMemory,
  })
  try {
    filter.fill('users', ({ first }, values) => values.fill(1 + first))
    filter.fill('items', ({ first }, values) => values.fill(2 + first))
    await filter.run([0.5, 0.5])
    const read: number[] = []
    filter.read('users', (_rows, values) => read.push(...values))
    return digestOfJson(read)
  } finally {
    filter.close()
  }
}

/** Second of two epochs of a training in files. */
export const trainingInFiles: Writer = {
  async prepare(folder) {
    await useBackend('simd', { threads: 1 })
    const stop = new AbortController()
    const onEvent = ({ type }: TrainingEvent) => type === 'epoch' && stop.abort()
    await (await trainer(folder).fit({ signal: stop.signal, onEvent })).close()
  },
  async open(folder) {
    await useBackend('simd', { threads: 1 })
    const begun = trainer(folder)
    return async () => (await begun.fit({ onEvent: () => undefined })).close()
  },
  async read(folder) {
    let after: number | undefined
    const model = await trainer(folder).fit({
      onEvent: (event) => {
        if (event.type === 'start') after = event.resumedAfter?.epochs
      },
    })
    const end = await weightsOf(model)
    await model.close()
    return `after ${after} of the epochs that end in ${end}`
  },
}

function trainer(folder: string): OutOfCoreTrainer {
  return new OutOfCoreTrainer({
    model: { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 1 } },
    split: madeSplit(),
    folder,
    maxMemory,
    resume: true,
    epochs: 2,
    batchSize: 16,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
    metrics: ['recall@3'],
    checkpoint: { keepLast: 1, keepBest: 0 },
  })
}

async function weightsOf(model: OutOfCoreModel): Promise<string> {
  return digestOfJson([...(await model.weights())].map(([name, { data }]) => [name, ...data]))
}

/** Saving of a model whose tables are in files, over one of an earlier epoch. */
export const modelInFiles: Writer = {
  prepare: (folder) => saveAfter(folder, 1).then((save) => save()),
  open: (folder) => saveAfter(folder, 2),
  async read(folder) {
    const loaded = await Recommender.load(join(folder, 'model'))
    return digestOfJson(loaded.recommend(loaded.users.ids[0], { k: 3 }))
  },
}

let trainings = 0

async function saveAfter(folder: string, epochs: number): Promise<() => Promise<void>> {
  await useBackend('simd', { threads: 1 })
  const model = await new OutOfCoreTrainer({
    model: { architecture: 'light-gcn', options: { embeddingDim: 4, layers: 1, seed: epochs } },
    split: madeSplit(),
    // The calls on files of the training itself do not fail.
    folder: join(dirname(folder), `training-${process.pid}-${trainings++}`),
    maxMemory,
    epochs,
    batchSize: 16,
    learningRate: 0.1,
    sampling: 'interaction-shuffle',
  }).fit({ onEvent: () => undefined })
  return () => model.save(join(folder, 'model'))
}
