import { GnnRecError } from '@gnnrec/tfjs-backend-simd/errors'

export { BackendUnavailableError, GnnRecError } from '@gnnrec/tfjs-backend-simd/errors'

/** An option is missing, misspelt, of the wrong type or out of its range. */
export class InvalidOptionsError extends GnnRecError<'INVALID_OPTIONS'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_OPTIONS', message, options)
  }
}

/** Interactions that cannot be used: a broken row, a NaN, an empty table, parts that do not fit. */
export class InvalidInteractionsError extends GnnRecError<'INVALID_INTERACTIONS'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_INTERACTIONS', message, options)
  }
}

/** A user or item id that the model or table has never seen, or one of the other type. */
export class UnknownIdError extends GnnRecError<'UNKNOWN_ID'> {
  readonly id: string | number

  constructor(id: string | number, message: string) {
    super('UNKNOWN_ID', message)
    this.id = id
  }
}

/** An array, matrix or tensor whose shape does not fit the others. */
export class ShapeMismatchError extends GnnRecError<'SHAPE_MISMATCH'> {
  constructor(message: string) {
    super('SHAPE_MISMATCH', message)
  }
}

/** A score, loss or parameter that is NaN or infinite. */
export class NonFiniteError extends GnnRecError<'NON_FINITE'> {
  constructor(message: string) {
    super('NON_FINITE', message)
  }
}

/** An iteration that stopped before its result was as exact as asked. */
export class NotConvergedError extends GnnRecError<'NOT_CONVERGED'> {
  constructor(message: string) {
    super('NOT_CONVERGED', message)
  }
}
