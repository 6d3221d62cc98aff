import { parseOptions } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import * as z from 'zod'
import type { ProgressStyle } from '../progress/create-reporter.js'
import type { ProgressReporter } from '../progress/progress-reporter.js'
import { isModel, isProgressReporter, reporterMethods } from './option-checks.js'
import { type TrainingLoopOptions, trainingLoopShape } from './training-loop-options.js'

/** Options of `Trainer`: those of any training, and its display, log and limit of memory. */
export interface TrainerOptions extends TrainingLoopOptions {
  /** The model to train, made on the graph of `split.train`. Its weights change in place. */
  readonly model: GraphModel
  /**
   * Resident memory that the process may reach, in bytes, > 0. A training that would take more, by
   * {@link estimateTrainingMemory}, is refused before it starts. For the backend `simd`.
   *
   * @defaultValue no limit
   */
  readonly maxMemory?: number
  /**
   * Display on stderr: a bar, a line for each epoch, or nothing. `'auto'` draws a bar on a terminal and writes lines
   * elsewhere (nothing in a page). A reporter of your own can show anything else.
   *
   * @defaultValue 'auto'
   */
  readonly progress?: ProgressStyle | ProgressReporter
  /**
   * Path of a file to which a line of JSON is added for every event but steps; `parseTrainingLog` reads
   * it. @defaultValue none
   */
  readonly log?: string
  /**
   * True to let Ctrl-C (SIGINT) end training as an `AbortSignal` does; a second one ends the process.
   *
   * @defaultValue true
   */
  readonly handleInterrupt?: boolean
}

const schema = z.strictObject({
  model: z.custom<GraphModel>(isModel, {
    error: 'expected a GraphModel, for instance new LightGcn(graph)',
  }),
  ...trainingLoopShape,
  maxMemory: z.number().positive().optional(),
  progress: z
    .union(
      [z.enum(['auto', 'bar', 'lines', 'none']), z.custom<ProgressReporter>(isProgressReporter)],
      {
        error: `expected 'auto', 'bar', 'lines', 'none' or an object with some of the methods ${reporterMethods.join(', ')}`,
      },
    )
    .default('auto'),
  log: z.string().min(1).optional(),
  handleInterrupt: z.boolean().default(true),
})

/** Checked options of how a training is watched. */
export interface WatchSettings {
  readonly progress: ProgressStyle | ProgressReporter
  readonly log: string | undefined
  readonly handleInterrupt: boolean
}

/** Options of `Trainer`, in the two groups that are used apart. */
export interface TrainerSettings {
  readonly training: TrainingLoopOptions
  readonly watch: WatchSettings
}

/**
 * Checks the options of `Trainer` and groups them.
 *
 * @throws InvalidOptionsError naming every field that is wrong
 */
export function resolveTrainerOptions(options: TrainerOptions): TrainerSettings {
  const { progress, log, handleInterrupt } = parseOptions('Trainer', schema, options)
  const {
    progress: _progress,
    log: _log,
    handleInterrupt: _interrupt,
    maxMemory: _maxMemory,
    ...training
  } = options
  return { training, watch: { progress, log, handleInterrupt } }
}
