import type { Trial } from '../plan/trial.js'
import type { EpochReport } from '../trial/train-trial.js'
import type { TrialOutcome } from './outcome.js'

/** What a pool is told with every trial. */
export interface TrialCall {
  /** The runner's folder, absolute. */
  readonly folder: string
  /** Seconds between checkpoints of a training. */
  readonly checkpointSeconds: number
  readonly saveModels: boolean
  /** Aborted when trials are to stop with a checkpoint. */
  readonly signal: AbortSignal
  /** May be called after each epoch. */
  readonly onEpoch: (report: EpochReport) => void
}

/** A place where trials run. */
export interface TrialPool {
  /** How many trials a runner hands over at a time, an integer >= 1. */
  readonly parallel: number
  /** Called before the first trial. @throws when the place cannot be used */
  open(): Promise<void>
  /**
   * Runs a trial to its end. That it fails is an outcome.
   *
   * @throws when the place itself fails, which ends the run
   */
  run(trial: Trial, call: TrialCall): Promise<TrialOutcome>
  /** Called after the last trial, also when {@link open} failed. */
  close(): Promise<void>
}
