import type { WrittenCheckpoint } from '../checkpoints/written-checkpoint.js'
import type { Finding } from '../guards/finding.js'
import type { EpochRecord, TrainingHistory } from '../record/training-history.js'

/** The start of a training. */
export interface TrainingStart {
  /** Name of the model: `'light-gcn'`. */
  readonly model: string
  /** Epochs of the whole training. */
  readonly epochs: number
  /** Optimizer steps of an epoch. */
  readonly stepsPerEpoch: number
  /** The validation metric that decides which epoch is best; null when nothing is evaluated. */
  readonly monitor: string | null
  /** Epochs and steps that were done before; only when training is resumed from a checkpoint. */
  readonly resumedAfter?: { readonly epochs: number; readonly totalSteps: number }
}

/** The end of a step. */
export interface StepProgress {
  /** Number of the epoch, from 1. */
  readonly epoch: number
  /** Number of the step within the epoch, from 1. */
  readonly step: number
  /** Mean loss of the epoch so far. */
  readonly loss: number
  /** Learning rate of the step. */
  readonly learningRate: number
}

/** The end of an epoch, after its evaluation. */
export interface EpochProgress {
  /** The record of the epoch. */
  readonly record: EpochRecord
  /** The best epoch so far and its value of the monitored metric; null before the first. */
  readonly best: { readonly epoch: number; readonly value: number } | null
  /** Seconds that the remaining epochs will take at the mean speed so far. */
  readonly secondsLeft: number
}

/**
 * An object that is told how a training goes. All methods are optional and are called in the order of events. Training
 * waits for those that are asynchronous. An error of a method ends the training with a `CallbackError`, whose cause it
 * is; the model then has the best weights so far.
 */
export interface ProgressReporter {
  /** Called before the first step. */
  start?(event: TrainingStart): unknown
  /** Called after every step. */
  step?(event: StepProgress): unknown
  /** Called after every epoch and its evaluation. */
  epoch?(event: EpochProgress): unknown
  /** Called when a checkpoint is on the disk. */
  checkpoint?(event: WrittenCheckpoint): unknown
  /** Called when a guard has found something; without this method the finding is a warning of the process. */
  finding?(finding: Finding): unknown
  /** Called with a problem that does not end the training; without this method it is a warning of the process. */
  warning?(message: string): unknown
  /** Called last in any case; the history is null when training ended with an error. */
  end?(history: TrainingHistory | null): unknown
}
