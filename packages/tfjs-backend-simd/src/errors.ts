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
