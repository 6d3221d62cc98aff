import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { Recommender } from '@gnnrec/serving'
import type { TrainingEvent } from '@gnnrec/train'
import { digestOfJson, digestOfWeights } from '../../fuzz/subjects/made-data.js'
import {
  filterInFiles,
  madeModelInFiles,
  madeTrainerInFiles,
} from '../../fuzz/subjects/made-trainings.js'
import type { Writer } from '../writer.js'

/** Graph in files, made where there is none. */
export const graphInFiles: Writer = {
  prepare: async () => undefined,
  async open(folder) {
    await useBackend('simd', { threads: 1 })
    return async () => void (await filterInFiles(folder))
  },
  async read(folder) {
    const isMade = ['users', 'items'].every((side) =>
      existsSync(join(folder, 'graph', `to-${side}.tiles`)),
    )
    return isMade ? filterInFiles(folder) : 'no graph'
  },
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
    const end = await digestOfWeights(model)
    await model.close()
    return `after ${after} of the epochs that end in ${end}`
  },
}

function trainer(folder: string) {
  return madeTrainerInFiles(folder, { checkpoint: { keepLast: 1, keepBest: 0 } })
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
  // The calls on files of the training itself do not fail.
  const training = join(dirname(folder), `training-${process.pid}-${trainings++}`)
  const model = await madeModelInFiles(training, epochs)
  return () => model.save(join(folder, 'model'))
}
