import { join } from 'node:path'
import { BipartiteGraph } from '@gnnrec/graph'
import { BprMf } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Trainer, type TrainerOptions } from '@gnnrec/train'
import { digestOfJson, madeSplit } from '../../fuzz/subjects/made-data.js'
import type { Writer } from '../writer.js'

/** Second of two epochs of a training, with its checkpoint. */
export const checkpoints: Writer = {
  async prepare(folder) {
    const { trainer, dispose } = await training({ checkpoint: settings(folder) })
    const stop = new AbortController()
    for await (const { type } of trainer.run({ signal: stop.signal })) {
      if (type === 'epoch') stop.abort()
    }
    dispose()
  },
  async open(folder) {
    const { trainer } = await training({ checkpoint: settings(folder), resume: 'latest' })
    return async () => void (await trainer.fit())
  },
  async read(folder) {
    const { trainer, weights, dispose } = await training({ resume: join(folder, 'checkpoints') })
    let after: number | undefined
    for await (const event of trainer.run()) {
      if (event.type === 'start') after = event.resumedAfter?.epochs
    }
    const end = digestOfJson(await weights())
    dispose()
    return `after ${after} of the epochs that end in ${end}`
  },
}

function settings(folder: string) {
  return { folder: join(folder, 'checkpoints'), everyEpochs: 1, keepLast: 1, keepBest: 0 }
}

async function training(options: Pick<TrainerOptions, 'checkpoint' | 'resume'>) {
  await useBackend('simd', { threads: 1 })
  const split = madeSplit()
  const model = new BprMf(BipartiteGraph.fromInteractions(split.train), { embeddingDim: 4 })
  const trainer = new Trainer({
    model,
    split,
    epochs: 2,
    batchSize: 16,
    learningRate: 0.01,
    sampling: 'interaction-shuffle',
    metrics: ['recall@3'],
    progress: 'none',
    handleInterrupt: false,
    ...options,
  })
  const weights = async () =>
    [...(await model.weights())].map(([name, { data }]) => [name, ...data])
  return { trainer, weights, dispose: () => model.dispose() }
}
