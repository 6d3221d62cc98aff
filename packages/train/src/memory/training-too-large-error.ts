import { GnnRecError } from '@gnnrec/graph'
import type { TrainingMemory } from './training-memory.js'

/** A training would take more memory than `maxMemory` allows. */
export class TrainingTooLargeError extends GnnRecError<'TRAINING_TOO_LARGE'> {
  /** The estimate that is above the limit, by part. */
  readonly estimate: TrainingMemory

  constructor(message: string, estimate: TrainingMemory) {
    super('TRAINING_TOO_LARGE', message)
    this.estimate = estimate
  }
}
