/** The place in a training for which a learning rate is asked. */
export interface SchedulePosition {
  /** Step within the epoch, 0..stepsPerEpoch-1. */
  readonly step: number
  /** Epoch, 0..epochs-1. */
  readonly epoch: number
  /** Optimizer steps of an epoch, an integer >= 1. */
  readonly stepsPerEpoch: number
  /** Epochs of the whole training, an integer >= 1. */
  readonly epochs: number
}

/** The values so far of the metric, or the loss, that decides which epoch is best. */
export interface MonitoredHistory {
  /** `'max'` when more is better, as of metrics; `'min'` when less is, as of the loss. */
  readonly mode: 'max' | 'min'
  /** Epochs (from 1) and their values, in order; NaN where the metric was undefined. */
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
}

/** The unit in which a schedule changes the rate: once an epoch, or at every step. */
export type ScheduleUnit = 'epoch' | 'step'

/**
 * A learning-rate schedule: a pure function that returns the share of the base rate for a step, a finite
 * number >= 0, usually in [0, 1].
 *
 * Any function will do. Those of `schedules` change the rate once an epoch unless asked to do so every step.
 */
export interface LearningRateSchedule {
  (position: SchedulePosition, history?: MonitoredHistory): number
  /**
   * Number of first epochs in which the rate still rises; early stopping does not count them.
   *
   * @defaultValue 0
   */
  readonly warmupEpochs?: number
  /**
   * Number of epochs that a training has to have at least.
   *
   * @defaultValue `warmupEpochs`
   */
  readonly leastEpochs?: number
  /**
   * True when the schedule reads the history, so that something has to be monitored.
   *
   * @defaultValue false
   */
  readonly needsHistory?: boolean
}

/** Returns the epochs done at the end of the current epoch, or of the current step (a fraction). */
export function epochsDone(
  { step, epoch, stepsPerEpoch }: SchedulePosition,
  per: ScheduleUnit,
): number {
  return epoch + (per === 'epoch' ? 1 : (step + 1) / stepsPerEpoch)
}

/** Returns the epochs done before the current epoch, or before the current step (a fraction). */
export function epochsBefore(
  { step, epoch, stepsPerEpoch }: SchedulePosition,
  per: ScheduleUnit,
): number {
  return per === 'epoch' ? epoch : epoch + step / stepsPerEpoch
}

/** Returns f + (1 - f) · (1 + cos(π · share)) / 2, which falls from 1 to f. */
export function cosineFall(share: number, finalFraction: number): number {
  return finalFraction + ((1 - finalFraction) * (1 + Math.cos(Math.PI * share))) / 2
}
