import type { Finding } from '../guards/finding.js'

/** Global norm of the gradients of an epoch, before clipping by norm and after clipping by value. */
export interface GradientNormRecord {
  readonly mean: number
  readonly largest: number
  /** Share of steps whose gradient was scaled down, 0..1. */
  readonly clippedShare: number
}

/** The record of one complete epoch. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number
  /** Mean over the epoch's samples of the loss that training minimizes, dropout included. */
  readonly loss: number
  /** Means of the parts of the loss by name, before their weights. */
  readonly lossTerms: Readonly<Record<string, number>>
  /** Norms of the gradient; only with `clipNorm`. */
  readonly gradientNorm?: GradientNormRecord
  /** Share of steps in which a number of the gradient was cut, 0..1; only with `clipValue`. */
  readonly valueClippedShare?: number
  /** Metrics on the validation part by name; only after epochs that were evaluated. */
  readonly validation?: Readonly<Record<string, number>>
  /** Reasons of the metrics that were asked for and are undefined, by name; absent when all have values. */
  readonly undefinedMetrics?: Readonly<Record<string, string>>
  /** Number of optimizer steps. */
  readonly steps: number
  /** Wall-clock seconds of training. */
  readonly seconds: number
  /** Wall-clock seconds of evaluation, 0 without one. */
  readonly evaluationSeconds: number
  /** Wall-clock seconds of the guards. */
  readonly guardSeconds: number
}

/**
 * The reason for the end of a training: all epochs were run, the patience of early stopping was at an end, a signal
 * or Ctrl-C asked for it, or the model has no parameters.
 */
export type StopReason = 'completed' | 'early-stopping' | 'aborted' | 'nothing-to-train'

/** The history of a training; plain JSON. */
export interface TrainingHistory {
  /** Complete epochs, in order; an epoch that was aborted midway is left out. */
  readonly epochs: readonly EpochRecord[]
  /**
   * Epoch (from 1) whose weights the model now has; 0 for a model without parameters, null if no
   * evaluation gave a value.
   */
  readonly bestEpoch: number | null
  /** Validation metrics of that epoch. */
  readonly bestValidation: Readonly<Record<string, number>> | null
  readonly stopReason: StopReason
  /** Findings of the guards, in order. */
  readonly findings: readonly Finding[]
  /** Wall-clock seconds in all. */
  readonly seconds: number
  /** Draws of `'user-uniform'` sampling that fell on a user without train items or negatives. */
  readonly skippedDraws: number
}
