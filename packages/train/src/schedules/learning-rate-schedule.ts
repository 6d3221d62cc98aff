/** Where training stands when a learning rate is asked for. */
export interface SchedulePosition {
  /** Step within the epoch, 0..stepsPerEpoch-1. */
  readonly step: number
  /** Epoch, 0..epochs-1. */
  readonly epoch: number
  readonly stepsPerEpoch: number
  /** Epochs of the whole training, as asked for. */
  readonly epochs: number
}

/** The values so far of what decides which epoch is best. */
export interface MonitoredHistory {
  /** Whether more of it is better, as of metrics, or less, as of the loss. */
  readonly mode: 'max' | 'min'
  /** Epochs (from 1) and their values, in order. */
  readonly evaluations: readonly { readonly epoch: number; readonly value: number }[]
}

/** How often a schedule made here changes the rate. */
export type ScheduleUnit = 'epoch' | 'step'

/**
 * A learning-rate schedule: a pure function that gives the share of the base rate for a step, a
 * finite number >= 0, usually in [0, 1].
 *
 * Any function will do. The ones made here change once an epoch unless asked to change every step.
 */
export interface LearningRateSchedule {
  (position: SchedulePosition, history?: MonitoredHistory): number
  /** First epochs, in which the rate still rises; early stopping does not count them. Default 0. */
  readonly warmupEpochs?: number
  /** Epochs of training that it needs at least. Default `warmupEpochs`. */
  readonly leastEpochs?: number
  /** Whether it looks at the history, so that something has to be monitored. Default false. */
  readonly needsHistory?: boolean
}

/** Epochs done at the end of the epoch at hand, or of the step: a fraction. */
export function epochsDone(
  { step, epoch, stepsPerEpoch }: SchedulePosition,
  per: ScheduleUnit,
): number {
  return epoch + (per === 'epoch' ? 1 : (step + 1) / stepsPerEpoch)
}

/** Epochs done before the epoch at hand, or before the step: a fraction. */
export function epochsBefore(
  { step, epoch, stepsPerEpoch }: SchedulePosition,
  per: ScheduleUnit,
): number {
  return per === 'epoch' ? epoch : epoch + step / stepsPerEpoch
}

/** f + (1 - f) · (1 + cos(π · share)) / 2: from 1 down to f. */
export function cosineFall(share: number, finalFraction: number): number {
  return finalFraction + ((1 - finalFraction) * (1 + Math.cos(Math.PI * share))) / 2
}
