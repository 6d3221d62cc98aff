// Trains in the folder of the first argument, from its last checkpoint, says when it begins, and prints what it
// ended with. With a second argument, the process ends while it writes that checkpoint of its own.
import { createHash } from 'node:crypto'
import { useBackend } from '@gnnrec/ops'
import { OutOfCoreTrainer } from '@gnnrec/out-of-core'
import { dieWhileWriting } from '../../../train/test/support/die-while-writing.ts'
import { killedOptions } from './killed-options.ts'
import { outcome } from './small-training.ts'

const [, , target, lastCheckpoint] = process.argv
if (lastCheckpoint) dieWhileWriting(Number(lastCheckpoint))
await useBackend('simd', { threads: 1 })
const model = await new OutOfCoreTrainer(killedOptions(target as string)).fit({
  onEvent: ({ type }) => {
    if (type === 'start') process.stderr.write('began\n')
  },
})
const result = await outcome(model)
await model.close()
const digest = createHash('sha256').update(JSON.stringify(result)).digest('hex')
process.stdout.write(`${digest}\n`)
