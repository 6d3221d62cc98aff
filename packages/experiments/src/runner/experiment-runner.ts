import { resolve } from 'node:path'
import { parseOptions } from '@gnnrec/graph'
import { printableLine, TextOutput } from '@gnnrec/graph/files'
import { awaitCallback } from '@gnnrec/graph/kernels'
import { interruptSignal } from '@gnnrec/train'
import * as z from 'zod'
import type { ExperimentDefinition } from '../definition/experiment-definition.js'
import { type CheckedExperiment, checkExperiment } from '../definition/read-definition.js'
import { LocalPool } from '../pool/local-pool.js'
import type { TrialPool } from '../pool/trial-pool.js'
import type { ExperimentRun } from './experiment-run.js'
import { progressLine } from './line-progress.js'
import { openRun } from './open-run.js'
import { Run } from './run.js'
import type { RunnerEvent } from './runner-events.js'

/** Options of {@link ExperimentRunner}. */
export interface ExperimentRunnerOptions {
  /** The experiment; `readExperimentFile` reads one from a file. */
  readonly definition: ExperimentDefinition
  /** Folder for results, logs and checkpoints, made when it is missing. Only one run may use it at a time. */
  readonly folder: string
  /** Folder that paths in the definition are relative to. @defaultValue the working folder */
  readonly baseFolder?: string
  /** The place where trials run. @defaultValue new LocalPool() */
  readonly pool?: TrialPool
  /**
   * True to continue in a folder with results: completed trials are not run again, and interrupted ones
   * continue from their checkpoints. False makes such a folder an error.
   *
   * @defaultValue false
   */
  readonly skipExisting?: boolean
  /** True to run failed trials again, with `skipExisting`. @defaultValue true */
  readonly retryFailed?: boolean
  /** Seconds between two checkpoints of a training, > 0. @defaultValue 30 */
  readonly checkpointSeconds?: number
  /**
   * True to save each model that is judged on the test part, as `trials/NAME/model`. A completed trial whose model is
   * missing runs again. @defaultValue false
   */
  readonly saveModels?: boolean
  /**
   * Modules that the definition may name besides files below `baseFolder`: names of packages, and paths
   * of files and folders. Their code runs in the processes of trials.
   *
   * @defaultValue none
   */
  readonly allowModules?: readonly string[]
  /** The display of progress: `'lines'` writes a line to stderr for each event. @defaultValue 'lines' */
  readonly progress?: 'lines' | 'none'
  /** Callback for each event. */
  readonly onEvent?: (event: RunnerEvent) => unknown
  /**
   * True to stop the run at Ctrl-C (SIGINT), as an `AbortSignal` does; a second Ctrl-C ends the process.
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
  allowModules: z.array(z.string().min(1)).default([]),
  progress: z.enum(['lines', 'none']).default('lines'),
  onEvent: z
    .custom<(event: RunnerEvent) => unknown>(isFunction, {
      error: 'expected a function',
    })
    .default(() => () => undefined),
  handleInterrupt: z.boolean().default(true),
})

/**
 * A runner of an experiment, which runs each trial in a process of its own. A trial that fails is recorded with its
 * cause, and the others continue.
 *
 * The folder holds `results.jsonl`, with a line for each trial when it ends; `experiment.json`, the
 * definition; and for each trial `trials/NAME` with the log of the training, the output of the process,
 * the values of every user and, until the trial is completed, its checkpoints.
 *
 * @example
 * ```ts no-run
 * import { ExperimentRunner, resultTable, summarize, toMarkdown } from '@gnnrec/experiments'
 *
 * const runner = new ExperimentRunner({
 *   definition: {
 *     name: 'first',
 *     models: [{ model: 'popularity' }, { model: 'light-gcn', options: { layers: 2 } }],
 *     datasets: [{ dataset: 'movietweetings' }],
 *     seeds: [1, 2],
 *     protocol: { metrics: ['recall@20'], selection: 'recall@20' },
 *     training: { epochs: 3 },
 *   },
 *   folder: 'runs/first',
 * })
 * const { results } = await runner.run()
 * console.log(toMarkdown(resultTable(summarize(results))))
 * ```
 */
export class ExperimentRunner {
  readonly #options: z.output<typeof schema>
  readonly #output = new TextOutput(process.stderr)

  /** Checks the options. @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(options: ExperimentRunnerOptions) {
    this.#options = parseOptions('ExperimentRunner', schema, options)
  }

  /**
   * Runs all trials that have no result yet. When the signal is aborted, or at Ctrl-C, trainings write a
   * checkpoint and end.
   *
   * Before the first trial, all data sets are read and split, and all models made on graphs of their
   * size. A result of an earlier run counts only if data, modules and library are still the same.
   *
   * @throws InvalidOptionsError listing every mistake in the definition and its data, before any trial
   * @throws ExperimentLockedError when another run is using the folder
   * @throws ExperimentFolderError when the folder has results and `skipExisting` is not set, or cannot
   * be written
   * @throws ExperimentFileError when `results.jsonl` there is damaged
   * @throws RedisError when a {@link BullMqPool} fails; results so far are in the folder
   */
  async run({ signal }: { readonly signal?: AbortSignal } = {}): Promise<ExperimentRun> {
    const { definition, baseFolder, allowModules, handleInterrupt } = this.#options
    const checked = await checkExperiment(definition, resolve(baseFolder), allowModules)
    const interrupt = handleInterrupt ? interruptSignal() : undefined
    const signals = [signal, interrupt?.signal].filter((each) => each !== undefined)
    try {
      return await this.#runChecked(checked, AbortSignal.any(signals))
    } finally {
      interrupt?.release()
    }
  }

  async #runChecked(checked: CheckedExperiment, signal: AbortSignal): Promise<ExperimentRun> {
    const { pool = new LocalPool() } = this.#options
    const settings = {
      ...this.#options,
      pool,
      needsTest: true,
      onEvent: (event: RunnerEvent) => this.#tell(event),
    }
    const finished = await openRun(checked, settings, signal, (parts) => new Run(parts).finish())
    return finished ?? { results: [], stopped: true, folder: resolve(settings.folder) }
  }

  async #tell(event: RunnerEvent): Promise<void> {
    const { progress, onEvent } = this.#options
    const line = progress === 'lines' ? progressLine(event) : undefined
    if (line !== undefined) this.#output.write(`${printableLine(line)}\n`)
    await awaitCallback('onEvent', () => onEvent(event))
  }
}
