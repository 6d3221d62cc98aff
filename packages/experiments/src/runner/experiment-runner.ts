import { resolve } from 'node:path'
import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import type { ExperimentDefinition } from '../definition/experiment-definition.js'
import { checkExperiment } from '../definition/read-definition.js'
import { LocalPool } from '../pool/local-pool.js'
import type { TrialPool } from '../pool/trial-pool.js'
import type { ExperimentRun } from './experiment-run.js'
import { interruptSignal } from './interrupt-signal.js'
import { progressLine } from './line-progress.js'
import { Run } from './run.js'
import { RunFolder } from './run-folder.js'
import type { RunnerEvent } from './runner-events.js'

/** Options of {@link ExperimentRunner}. */
export interface ExperimentRunnerOptions {
  /** What to run; a file is read by `readExperimentFile`. */
  readonly definition: ExperimentDefinition
  /** Folder of results, logs and checkpoints; it is made if need be. It belongs to one run at a time. */
  readonly folder: string
  /** What paths in the definition are relative to. @defaultValue the working folder */
  readonly baseFolder?: string
  /** Where trials run. @defaultValue new LocalPool() */
  readonly pool?: TrialPool
  /**
   * Whether to go on in a folder with results: trials that are completed there are not run again, those
   * that were interrupted go on from their checkpoints. Otherwise such a folder is an error.
   *
   * @defaultValue false
   */
  readonly skipExisting?: boolean
  /** With `skipExisting`: whether trials that failed are run again. @defaultValue true */
  readonly retryFailed?: boolean
  /** Seconds between checkpoints of a training, > 0. @defaultValue 30 */
  readonly checkpointSeconds?: number
  /** Whether each trained model is saved, as `trials/NAME/model`. @defaultValue false */
  readonly saveModels?: boolean
  /** `'lines'` writes what happens to stderr. @defaultValue 'lines' */
  readonly progress?: 'lines' | 'none'
  /** Is told what happens. */
  readonly onEvent?: (event: RunnerEvent) => void
  /**
   * Whether Ctrl-C (SIGINT) stops the run as an `AbortSignal` does; a second one ends the process.
   *
   * @defaultValue true
   */
  readonly handleInterrupt?: boolean
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null
const isFunction = (value: unknown) => typeof value === 'function'

const schema = z.strictObject({
  definition: z.custom<ExperimentDefinition>(isObject, {
    error: 'expected an experiment; read a file with readExperimentFile',
  }),
  folder: z.string().min(1),
  baseFolder: z.string().min(1).default('.'),
  pool: z
    .custom<TrialPool>((value) => isObject(value) && isFunction((value as TrialPool).run), {
      error: 'expected a pool, for instance new LocalPool({ parallel: 2 })',
    })
    .optional(),
  skipExisting: z.boolean().default(false),
  retryFailed: z.boolean().default(true),
  checkpointSeconds: z.number().positive().default(30),
  saveModels: z.boolean().default(false),
  progress: z.enum(['lines', 'none']).default('lines'),
  onEvent: z
    .custom<(event: RunnerEvent) => void>(isFunction, { error: 'expected a function' })
    .default(() => () => undefined),
  handleInterrupt: z.boolean().default(true),
})

/**
 * Runs the trials of an experiment, each on its own: one that fails is recorded, with its cause, and the
 * others go on.
 *
 *     const { definition, baseFolder } = await readExperimentFile('layers.yaml')
 *     const runner = new ExperimentRunner({ definition, baseFolder, folder: 'runs/layers' })
 *     const { results } = await runner.run()
 *
 * In the folder: `results.jsonl`, a line for each trial as it ends; `experiment.json`, what was run;
 * `trials/NAME` with the log of the training, what the process wrote, the values of every user, and,
 * until the trial is completed, its checkpoints.
 */
export class ExperimentRunner {
  readonly #options: z.output<typeof schema>

  /** @throws InvalidOptionsError */
  constructor(options: ExperimentRunnerOptions) {
    this.#options = parseOptions('ExperimentRunner', schema, options)
  }

  /**
   * Runs what has no result yet. Once the signal is aborted, or at Ctrl-C, trainings write a checkpoint
   * and end.
   *
   * @throws InvalidOptionsError listing everything that is wrong in the definition, before any trial
   * @throws ExperimentLockedError when another run works in the folder
   * @throws ExperimentFolderError when the folder has results and `skipExisting` is not set, or cannot
   * be written
   * @throws ExperimentFileError when `results.jsonl` there is damaged
   * @throws what the pool throws when it fails as a whole; results so far are in the folder
   */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ExperimentRun> {
    const { definition, baseFolder, pool = new LocalPool(), handleInterrupt } = this.#options
    const checked = await checkExperiment(definition, resolve(baseFolder))
    const folder = await RunFolder.open(this.#options.folder, checked, this.#options)
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const failure = new AbortController()
    const signals = [signal, interrupt?.signal, failure.signal].filter((each) => each !== undefined)
    try {
      await pool.open()
      const run = new Run({
        ...{ ...checked, folder, pool, failure, signal: AbortSignal.any(signals) },
        settings: this.#options,
        onEvent: (event) => this.#tell(event),
      })
      return await run.finish()
    } finally {
      interrupt?.release()
      await pool.close()
      await folder.close()
    }
  }

  #tell(event: RunnerEvent): void {
    const { progress, onEvent } = this.#options
    const line = progress === 'lines' ? progressLine(event) : undefined
    if (line !== undefined) process.stderr.write(`${line}\n`)
    onEvent(event)
  }
}
