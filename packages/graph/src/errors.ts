const marker = Symbol.for('gnnrec.error')

/**
 * Base class of every error that a `@gnnrec` package throws on purpose.
 *
 * `code` is stable across versions: branch on it, never on the message. The message says what was
 * got, what was expected and what to do about it.
 */
export class GnnRecError<Code extends string = string> extends Error {
  readonly code: Code
  readonly [marker] = true

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }

  /** Whether `value` is one of ours, also when two copies of the package are loaded. */
  static isInstance(value: unknown): value is GnnRecError {
    return typeof value === 'object' && value !== null && marker in value
  }
}

/** The WebAssembly memory cannot grow as far as a request needs; what was allocated before stays usable. */
export class OutOfMemoryError extends GnnRecError<'OUT_OF_MEMORY'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('OUT_OF_MEMORY', message, options)
  }
}

/** A block of kernel memory was freed twice, or was never handed out. */
export class InvalidPointerError extends GnnRecError<'INVALID_POINTER'> {
  constructor(message: string) {
    super('INVALID_POINTER', message)
  }
}

/** The backend asked for cannot be had on this machine or in this process. */
export class BackendUnavailableError extends GnnRecError<'BACKEND_UNAVAILABLE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('BACKEND_UNAVAILABLE', message, options)
  }
}

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
