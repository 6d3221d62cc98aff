import type { WrittenCheckpoint } from '../checkpoints/written-checkpoint.js'
import type { Finding } from '../guards/finding.js'
import type { EpochRecord, TrainingHistory } from '../record/training-history.js'

/** Training is about to begin. */
export interface TrainingStart {
  /** Name of the model: `'light-gcn'`. */
  readonly model: string
  readonly epochs: number
  readonly stepsPerEpoch: number
  /** The validation metric that decides which epoch is best; null when nothing is evaluated. */
  readonly monitor: string | null
  /** What was done before, when training goes on from a checkpoint. */
  readonly resumedAfter?: { readonly epochs: number; readonly totalSteps: number }
}

/** A step is done. */
export interface StepProgress {
  /** From 1. */
  readonly epoch: number
  /** From 1. */
  readonly step: number
  /** Mean loss of the epoch so far. */
  readonly loss: number
  readonly learningRate: number
}

/** An epoch is done, evaluation included. */
export interface EpochProgress {
  readonly record: EpochRecord
  /** The best epoch so far and its value of the monitored metric; null before the first. */
  readonly best: { readonly epoch: number; readonly value: number } | null
  /** Seconds that the epochs left will take at the mean speed so far. */
  readonly secondsLeft: number
}

/**
 * Follows a training. All methods are optional and are called in the order of events; an error that
 * one throws ends the training.
 */
export interface ProgressReporter {
  start?(event: TrainingStart): void
  step?(event: StepProgress): void
  epoch?(event: EpochProgress): void
  /** A checkpoint is on the disk. */
  checkpoint?(event: WrittenCheckpoint): void
  /** A guard found something; without this method it is a warning. */
  finding?(finding: Finding): void
  /** Something that does not end the training; without this method it is a warning of the process. */
  warning?(message: string): void
  /** Called last in any case; the history is null when training ended by an error. */
  end?(history: TrainingHistory | null): void
}
