import { GnnRecError } from '@gnnrec/graph'

/** `fit` was called again; a trainer trains once. */
export class AlreadyFittedError extends GnnRecError<'ALREADY_FITTED'> {
  constructor(message: string) {
    super('ALREADY_FITTED', message)
  }
}

/** A model gives so many items the same score that item order, not the model, ranks them. */
export class DegenerateModelError extends GnnRecError<'DEGENERATE_MODEL'> {
  constructor(message: string) {
    super('DEGENERATE_MODEL', message)
  }
}

/** A checkpoint that cannot be written or read, or is not there. */
export class CheckpointError extends GnnRecError<'CHECKPOINT'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CHECKPOINT', message, options)
  }
}

/** A checkpoint of other data, another model or other options; the message lists the differences. */
export class CheckpointMismatchError extends GnnRecError<'CHECKPOINT_MISMATCH'> {
  constructor(message: string) {
    super('CHECKPOINT_MISMATCH', message)
  }
}

/** The folder for checkpoints belongs to another training that runs. */
export class CheckpointLockedError extends GnnRecError<'CHECKPOINT_LOCKED'> {
  constructor(message: string) {
    super('CHECKPOINT_LOCKED', message)
  }
}

/** The log of a training cannot be written. */
export class TrainingLogError extends GnnRecError<'TRAINING_LOG'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TRAINING_LOG', message, options)
  }
}
