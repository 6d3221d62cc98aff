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

/**
 * A learning-rate schedule: a pure function that gives the share of the base rate for a step, a
 * finite number >= 0, usually in [0, 1].
 *
 * Any function will do. The ones made here change once an epoch unless asked to change every step.
 */
export interface LearningRateSchedule {
  (position: SchedulePosition): number
  /** First epochs, in which the rate still rises; early stopping does not count them. Default 0. */
  readonly warmupEpochs?: number
}
