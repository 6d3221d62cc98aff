// Trains until it is interrupted; tests start it as a process of its own and send it SIGINT.

import { useBackend } from '@gnnrec/ops'
import { Trainer, type TrainerOptions } from '@gnnrec/train'
import { ScriptedModel, scriptedSplit } from './scripted-model.js'

const mode = process.argv[2]

/** Its second evaluation takes longer than any test. */
class SlowModel extends ScriptedModel {
  override async toRecommender() {
    const recommender = await super.toRecommender()
    if (mode === 'slow' && this.snapshots.length === 2) {
      say('evaluating')
      const watch = setInterval(() => {
        if (process.listenerCount('SIGINT') > 0) return
        clearInterval(watch)
        say('interrupted once')
      }, 5)
      await new Promise((resolve) => setTimeout(resolve, 600_000))
    }
    return recommender
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await useBackend('cpu')
const split = scriptedSplit()
const { graph } = ScriptedModel.onSplit(split)
const model = new SlowModel(graph, [3, 7, ...new Array(1_000_000).fill(5)])
const settings = { epochs: 1_000_000, batchSize: 1, learningRate: 1e-3 }
const options: TrainerOptions = {
  model,
  split,
  ...settings,
  sampling: 'interaction-shuffle',
  metrics: ['hit@1'],
  guards: false,
  progress: { epoch: ({ record }) => record.epoch === 3 && say('epoch 3') },
  ...(mode === 'unhandled' && { handleInterrupt: false }),
}
const { stopReason, bestEpoch } = await new Trainer(options).fit()
const isBest = model.number === model.snapshots[1]
say(JSON.stringify({ stopReason, bestEpoch, isBest, listeners: process.listenerCount('SIGINT') }))
