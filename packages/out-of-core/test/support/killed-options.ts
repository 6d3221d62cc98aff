import type { OutOfCoreTrainerOptions } from '@gnnrec/out-of-core'
import { smallOptions } from './small-training.ts'

/** A training that saves itself after every step, longer than it takes to kill it several times. */
export function killedOptions(folder: string): OutOfCoreTrainerOptions {
  return { ...smallOptions(folder), epochs: 12, resume: true, checkpoint: { everySteps: 1 } }
}
