import { join } from 'node:path'
import { useBackend } from '@gnnrec/ops'
import { digestOfWeights } from '../../fuzz/subjects/made-data.js'
import { madeTrainer } from '../../fuzz/subjects/made-trainings.js'
import type { Writer } from '../writer.js'

/** Second of two epochs of a training, with its checkpoint. */
export const checkpoints: Writer = {
  async prepare(folder) {
    await useBackend('simd', { threads: 1 })
    const { trainer, model } = madeTrainer({ checkpoint: settings(folder) })
    const stop = new AbortController()
    for await (const { type } of trainer.run({ signal: stop.signal })) {
      if (type === 'epoch') stop.abort()
    }
    model.dispose()
  },
  async open(folder) {
    await useBackend('simd', { threads: 1 })
    const { trainer } = madeTrainer({ checkpoint: settings(folder), resume: 'latest' })
    return async () => void (await trainer.fit())
  },
  async read(folder) {
    const { trainer, model } = madeTrainer({ resume: join(folder, 'checkpoints') })
    let after: number | undefined
    for await (const event of trainer.run()) {
      if (event.type === 'start') after = event.resumedAfter?.epochs
    }
    const end = await digestOfWeights(model)
    model.dispose()
    return `after ${after} of the epochs that end in ${end}`
  },
}

function settings(folder: string) {
  return { folder: join(folder, 'checkpoints'), everyEpochs: 1, keepLast: 1, keepBest: 0 }
}

/** First of two epochs of a training that has no checkpoint yet. */
export const firstCheckpoints: Writer = {
  prepare: async () => undefined,
  async open(folder) {
    await useBackend('simd', { threads: 1 })
    const { trainer } = madeTrainer({ checkpoint: settings(folder), resume: 'latest-or-start' })
    const stop = new AbortController()
    return async () => {
      for await (const event of trainer.run({ signal: stop.signal })) {
        const isThere = event.type === 'start' && event.resumedAfter !== undefined
        if (isThere || event.type === 'epoch') stop.abort()
      }
    }
  },
  // A whole checkpoint counts even before the file `latest` names it.
  read: (folder) =>
    checkpoints.read(folder).catch((error: Error) => {
      if (/^There is no checkpoint/.test(error.message)) return 'no checkpoint'
      throw error
    }),
}
