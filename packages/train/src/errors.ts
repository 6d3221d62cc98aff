import { GnnRecError } from '@gnnrec/graph'
import type { Finding } from './guards/finding.js'

/** `fit` was called again; a trainer trains once. */
export class AlreadyFittedError extends GnnRecError<'ALREADY_FITTED'> {
  constructor(message: string) {
    super('ALREADY_FITTED', message)
  }
}

/** A guard of level `'stop'` found that the model collapses or does not learn. */
export class DegenerateModelError extends GnnRecError<'DEGENERATE_MODEL'> {
  readonly finding: Finding

  constructor(finding: Finding) {
    const { code, epoch, message } = finding
    super('DEGENERATE_MODEL', `${message} (Guard '${code}', epoch ${epoch}.)`)
    this.finding = finding
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
