import type { TrialSource } from '../plan/configurations.js'
import type { Trial } from '../plan/trial.js'
import type { TrialOutcome } from '../pool/outcome.js'
import type { TrialPool } from '../pool/trial-pool.js'
import { resultOf, type TrialNames, type TrialResult } from '../results/trial-result.js'
import { Limiter } from './limiter.js'
import type { RunFolder } from './run-folder.js'
import type { RunnerEvent } from './runner-events.js'

/** The parts that a run is made of. */
export interface RunParts {
  readonly source: TrialSource
  readonly folder: RunFolder
  readonly pool: TrialPool
  readonly settings: {
    readonly retryFailed: boolean
    readonly checkpointSeconds: number
    readonly saveModels: boolean
    readonly allowModules: readonly string[]
  }
  readonly signal: AbortSignal
  /** Stops all trials when the pool or the folder fails. */
  readonly failure: AbortController
  readonly onEvent: (event: RunnerEvent) => void
}

/** The trials of a run: runs those without a result in the pool, and records the results in the folder. */
export class TrialRunner {
  /** True once a trial was stopped before its end. */
  stopped = false
  readonly #parts: RunParts
  readonly #limiter: Limiter
  readonly #results = new Map<string, TrialResult>()

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#limiter = new Limiter(parts.pool.parallel)
  }

  /** Returns the result of a trial of this run, if it has one. */
  resultOf({ id }: Trial): TrialResult | undefined {
    return this.#results.get(id)
  }

  /** Runs a trial unless an earlier run has its result; returns undefined when it was stopped. */
  async run(trial: Trial): Promise<TrialResult | undefined> {
    const { folder, settings, onEvent } = this.#parts
    const there = folder.resultOf(trial)
    const isKept =
      there?.status !== 'completed' || !settings.saveModels || (await folder.hasModel(trial))
    if (there && isKept && (there.status === 'completed' || !settings.retryFailed)) {
      this.#results.set(trial.id, there)
      onEvent({ type: 'skip', result: there })
      return there
    }
    return this.#limiter.run(async () => {
      try {
        return await this.#runTrial(trial)
      } catch (error) {
        // The run must stop before the next trial starts in the place of this one.
        this.#parts.failure.abort(error)
        throw error
      }
    })
  }

  async #runTrial(trial: Trial): Promise<TrialResult | undefined> {
    const { folder, pool, settings, signal, onEvent } = this.#parts
    if (signal.aborted) {
      this.stopped = true
      return undefined
    }
    const names = namesOf(trial)
    onEvent({ type: 'start', trial: names })
    const started = performance.now()
    const outcome = await pool.run(trial, {
      folder: folder.path,
      signal,
      checkpointSeconds: settings.checkpointSeconds,
      saveModels: settings.saveModels,
      allowModules: settings.allowModules,
      onEpoch: (report) => onEvent({ type: 'epoch', trial: names, report }),
    })
    const result = await this.record(trial, outcome, (performance.now() - started) / 1000)
    if (!result) {
      this.stopped = true
      onEvent({ type: 'stopped', trial: names })
    }
    return result
  }

  /** Records the outcome of a trial; returns undefined for one that was stopped. */
  async record(
    trial: Trial,
    outcome: TrialOutcome,
    seconds: number,
  ): Promise<TrialResult | undefined> {
    const result = resultOf(trial, outcome, seconds)
    if (!result) return undefined
    await this.#parts.folder.add(result)
    this.#results.set(trial.id, result)
    this.#parts.onEvent({ type: 'result', result })
    return result
  }
}

function namesOf({ id, phase, dataset, model, setting, seed }: Trial): TrialNames {
  return { trial: id, phase, dataset: dataset.label, model: model.label, setting, seed }
}
