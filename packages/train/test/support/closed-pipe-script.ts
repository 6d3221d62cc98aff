// Trains with its progress on standard error; tests start it as a process of its own and close the pipe.

import { useBackend } from '@gnnrec/ops'
import { Trainer } from '@gnnrec/train'
import { smallModel, smallOptions } from './small-training.js'

const progress = process.argv[2] as 'bar' | 'lines'

await useBackend('simd', { threads: 1 })
const { stopReason, epochs } = await new Trainer({
  ...smallOptions,
  model: smallModel(),
  epochs: 60,
  progress,
}).fit()
process.stdout.write(`${stopReason} after ${epochs.length}`)
