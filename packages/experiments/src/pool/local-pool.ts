import { availableParallelism } from 'node:os'
import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { mostSeconds } from '../definition/definition-schema.js'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from './outcome.js'
import type { TrialCall, TrialPool } from './trial-pool.js'
import { runInProcess } from './trial-process.js'

/** Options of {@link LocalPool}. */
export interface LocalPoolOptions {
  /** Number of trials that run at a time, an integer >= 1. @defaultValue 1 */
  readonly parallel?: number
  /**
   * Number of threads of each trial, an integer >= 1; results do not depend on it.
   *
   * @defaultValue the machine's processors, shared among the trials
   */
  readonly threads?: number
  /** Seconds that a trial has to write its checkpoint when it must stop, > 0. @defaultValue 30 */
  readonly stopSeconds?: number
}

const schema = z.strictObject({
  parallel: z.int().min(1).default(1),
  threads: z.int().min(1).optional(),
  stopSeconds: z.number().positive().max(mostSeconds).default(30),
})

/**
 * A pool that runs trials on this machine, each in a process of its own.
 *
 * @example
 * ```ts no-run
 * import { ExperimentRunner, LocalPool, readExperimentFile } from '@gnnrec/experiments'
 *
 * const { definition, baseFolder } = await readExperimentFile('layers.yaml')
 * const pool = new LocalPool({ parallel: 2 })
 * const runner = new ExperimentRunner({ definition, baseFolder, folder: 'runs/layers', pool })
 * console.log((await runner.run()).results.length)
 * ```
 */
export class LocalPool implements TrialPool {
  /** Number of trials that run at a time. */
  readonly parallel: number
  readonly #threads: number
  readonly #stopSeconds: number

  /** Checks the options. @throws InvalidOptionsError for a wrong or misspelt option */
  constructor(options: LocalPoolOptions = {}) {
    const { parallel, threads, stopSeconds } = parseOptions('LocalPool', schema, options)
    this.parallel = parallel
    this.#threads = threads ?? Math.max(1, Math.floor(availableParallelism() / parallel))
    this.#stopSeconds = stopSeconds
  }

  /** Does nothing: processes start with their trials. */
  async open(): Promise<void> {}

  /** Runs a trial in a process of its own; a trial that fails is an outcome, not an error. */
  run(trial: Trial, call: TrialCall): Promise<TrialOutcome> {
    const { folder, checkpointSeconds, saveModels, allowModules, signal, onEpoch } = call
    const rules = { baseFolder: trial.baseFolder, filesBelow: true, allowModules }
    return runInProcess(
      { trial, folder, rules, threads: this.#threads, checkpointSeconds, saveModels },
      { signal, stopSeconds: this.#stopSeconds, onEpoch },
    )
  }

  /** Does nothing: processes end with their trials. */
  async close(): Promise<void> {}
}
