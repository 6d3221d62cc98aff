// Trains with checkpoints until it is killed or at its end; tests start it as a process of its own.
// Arguments: the folder of the checkpoints, the number of threads, and the number of the checkpoint while
// whose writing the process ends, if any.

import { createHash } from 'node:crypto'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import { Trainer } from '@gnnrec/train'
import { dieWhileWriting } from './die-while-writing.js'
import { randomSplit } from './splits.js'

const [folder, threads, lastCheckpoint] = process.argv.slice(2)
if (lastCheckpoint) dieWhileWriting(Number(lastCheckpoint))

const split = randomSplit({ seed: 3, users: 120, items: 80, perUser: 5 })
await useBackend('simd', { threads: Number(threads) })
const model = new LightGcn(BipartiteGraph.fromInteractions(split.train), {
  embeddingDim: 32,
  layers: 2,
  edgeDropout: 0.2,
})
const trainer = new Trainer({
  model,
  split,
  epochs: 60,
  batchSize: 100,
  learningRate: 0.01,
  sampling: 'user-uniform',
  metrics: ['ndcg@5'],
  progress: 'none',
  resume: 'latest-or-start',
  schedule: { name: 'warmup-cosine', warmupEpochs: 5, finalFraction: 0.01 },
  checkpoint: { folder, everySteps: 2 },
})
for await (const event of trainer.run()) {
  if (event.type === 'start') process.stdout.write('training\n')
  if (event.type !== 'end') continue
  const hash = createHash('sha256')
  for (const { data } of (await model.weights()).values()) hash.update(data)
  const { seconds, epochs, ...history } = event.history
  const records = epochs.map(({ seconds: _, evaluationSeconds, guardSeconds, ...record }) => record)
  hash.update(JSON.stringify({ ...history, records }))
  process.stdout.write(`end ${hash.digest('hex')}\n`)
}
// Its worker threads would keep it.
process.exit(0)
