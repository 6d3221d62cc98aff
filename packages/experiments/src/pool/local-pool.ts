import { availableParallelism } from 'node:os'
import { parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from './outcome.js'
import type { TrialCall, TrialPool } from './trial-pool.js'
import { runInProcess } from './trial-process.js'

/** Options of {@link LocalPool}. */
export interface LocalPoolOptions {
  /** Trials at a time, an integer >= 1. @defaultValue 1 */
  readonly parallel?: number
  /**
   * Threads of each trial, an integer >= 1; results do not depend on it.
   *
   * @defaultValue the machine's processors shared among the trials
   */
  readonly threads?: number
  /** Seconds that a trial has to write its checkpoint when it is to stop, > 0. @defaultValue 30 */
  readonly stopSeconds?: number
}

const schema = z.strictObject({
  parallel: z.int().min(1).default(1),
  threads: z.int().min(1).optional(),
  stopSeconds: z.number().positive().default(30),
})

/** Runs trials on this machine, each in a process of its own. */
export class LocalPool implements TrialPool {
  readonly parallel: number
  readonly #threads: number
  readonly #stopSeconds: number

  /** @throws InvalidOptionsError */
  constructor(options: LocalPoolOptions = {}) {
    const { parallel, threads, stopSeconds } = parseOptions('LocalPool', schema, options)
    this.parallel = parallel
    this.#threads = threads ?? Math.max(1, Math.floor(availableParallelism() / parallel))
    this.#stopSeconds = stopSeconds
  }

  async open(): Promise<void> {}

  run(trial: Trial, call: TrialCall): Promise<TrialOutcome> {
    const { folder, checkpointSeconds, saveModels, signal, onEpoch } = call
    return runInProcess(
      { trial, folder, threads: this.#threads, checkpointSeconds, saveModels },
      { signal, stopSeconds: this.#stopSeconds, onEpoch },
    )
  }

  async close(): Promise<void> {}
}
