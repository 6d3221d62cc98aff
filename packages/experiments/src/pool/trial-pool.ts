import type { Trial } from '../plan/trial.js'
import type { EpochReport } from '../trial/train-trial.js'
import type { TrialOutcome } from './outcome.js'

/** The instructions that a pool gets with every trial. */
export interface TrialCall {
  /** The runner's folder, absolute. */
  readonly folder: string
  /** Seconds between checkpoints of a training. */
  readonly checkpointSeconds: number
  /** True to save each trained model. */
  readonly saveModels: boolean
  /** Modules that may be loaded besides files below the definition's folder. */
  readonly allowModules: readonly string[]
  /** Aborted when the trial must write a checkpoint and stop. */
  readonly signal: AbortSignal
  /** Callback after each epoch; a pool need not call it. */
  readonly onEpoch: (report: EpochReport) => void
}

/**
 * A place where trials run, such as a {@link LocalPool} or a {@link BullMqPool}.
 */
export interface TrialPool {
  /** Number of trials that a runner starts at a time, an integer >= 1. */
  readonly parallel: number
  /** Prepares the place, before the first trial. @throws when the place cannot be used */
  open(): Promise<void>
  /**
   * Runs a trial to its end. A trial that fails is an outcome, not an error.
   *
   * @throws when the place itself fails, which ends the run
   */
  run(trial: Trial, call: TrialCall): Promise<TrialOutcome>
  /** Releases the place, after the last trial and also when {@link open} failed. */
  close(): Promise<void>
}
