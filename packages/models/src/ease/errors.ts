import { GnnRecError } from '@gnnrec/graph'

/** A model that needs more memory than it may take; the message says how much and what to do. */
export class ModelTooLargeError extends GnnRecError<'MODEL_TOO_LARGE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('MODEL_TOO_LARGE', message, options)
  }
}
