import type { TrainOptions } from '../training/train-options.js'
import { type ColumnFlags, readingOptions } from './events.js'
import type { CommandIo } from './io.js'

/** Options of the commands that read events and choose. */
export interface TrainingFlags extends ColumnFlags {
  readonly candidates?: readonly string[]
  readonly metric?: string
  readonly split?: 'time' | 'random'
  readonly minRating?: number
  readonly weights?: 'none' | 'counts' | 'log'
  readonly minPerUser?: number
  readonly minPerItem?: number
  readonly effort?: 'quick' | 'thorough'
  readonly seconds?: number
  readonly memory?: number
  readonly parallel?: number
  readonly seed?: number
}

/** Returns the options of `train` that flags of the command line stand for. */
export function trainOptions(flags: TrainingFlags, io: CommandIo): TrainOptions {
  const { candidates, metric, split, minRating, weights } = flags
  const { minPerUser, minPerItem } = flags
  const { effort, seconds, memory, parallel, seed } = flags
  const options = {
    ...readingOptions(flags),
    candidates,
    metric,
    split,
    minRating,
    weights,
    minPerUser,
    minPerItem,
    effort,
    seconds,
    maxMemory: memory,
    parallel,
    seed,
    signal: io.signal,
    onProgress: ({ message }: { readonly message: string }) => io.progress(message),
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given)
}
