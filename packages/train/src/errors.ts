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
