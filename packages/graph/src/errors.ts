import { printableMessage } from './printable-text.js'
import { thrownMessage } from './show-value.js'

const marker = Symbol.for('gnnrec.error')

/**
 * The base class of every error that a `@gnnrec` package throws on purpose.
 *
 * `code` is stable across versions: branch on it, never on the message. The message says what was
 * got, what was expected and what to do about it. Of a message of more than 65,536 characters, as names in files can
 * make it, the middle is left out.
 *
 * @example
 * ```ts
 * import { fromRecords, GnnRecError } from '@gnnrec/graph'
 *
 * try {
 *   fromRecords([{ user: 'ann', item: Number.NaN }])
 * } catch (error) {
 *   if (GnnRecError.isInstance(error)) console.log(error.code) // INVALID_INTERACTIONS
 * }
 * ```
 */
export class GnnRecError<Code extends string = string> extends Error {
  /** The kind of error, stable across versions. */
  readonly code: Code
  readonly [marker] = true

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(printableMessage(message), options)
    this.code = code
    this.name = new.target.name
  }

  /**
   * Makes `instanceof` true also for errors that another copy of the package made. Classes that extend this one are told
   * by their names, as far as these are not shortened.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
    if (!GnnRecError.isInstance(value)) return false
    if (this === GnnRecError) return true
    if (!this.name.endsWith('Error')) return false
    for (let of = Object.getPrototypeOf(value); of !== null; of = Object.getPrototypeOf(of)) {
      if (of.constructor?.name === this.name) return true
    }
    return false
  }

  /** Returns true for errors of this class, also when another copy of the package made them. */
  static isInstance(value: unknown): value is GnnRecError {
    return typeof value === 'object' && value !== null && marker in value
  }
}

/**
 * An error of memory that cannot be had: kernel memory that cannot grow any further, or arrays that are larger
 * than the memory of the machine. What exists stays usable.
 *
 * @example
 * ```ts
 * import { OutOfMemoryError } from '@gnnrec/graph'
 * import { KernelRuntime } from '@gnnrec/graph/kernels'
 *
 * const runtime = new KernelRuntime({ maximumBytes: 2 ** 20 })
 * try {
 *   runtime.allocate(2 ** 24)
 * } catch (error) {
 *   console.log(error instanceof OutOfMemoryError, (error as Error).message)
 * }
 * ```
 */
export class OutOfMemoryError extends GnnRecError<'OUT_OF_MEMORY'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('OUT_OF_MEMORY', message, options)
  }
}

/**
 * An error of a block of kernel memory that was freed twice, or never allocated.
 *
 * @example
 * ```ts
 * import { InvalidPointerError } from '@gnnrec/graph'
 * import { KernelRuntime } from '@gnnrec/graph/kernels'
 *
 * const runtime = new KernelRuntime()
 * try {
 *   runtime.free(64)
 * } catch (error) {
 *   console.log(error instanceof InvalidPointerError, (error as Error).message)
 * }
 * ```
 */
export class InvalidPointerError extends GnnRecError<'INVALID_POINTER'> {
  constructor(message: string) {
    super('INVALID_POINTER', message)
  }
}

/**
 * An error of a backend that this machine or process cannot provide.
 *
 * @example
 * ```ts
 * import { BackendUnavailableError } from '@gnnrec/graph'
 * import { KernelRuntime } from '@gnnrec/graph/kernels'
 *
 * const runtime = new KernelRuntime({ shared: false })
 * const error = await runtime.setThreads(2).catch((cause: unknown) => cause)
 * console.log(error instanceof BackendUnavailableError, String(error))
 * ```
 */
export class BackendUnavailableError extends GnnRecError<'BACKEND_UNAVAILABLE'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('BACKEND_UNAVAILABLE', message, options)
  }
}

/**
 * An error of an option that is missing, misspelt, of the wrong type or out of its range.
 *
 * @example
 * ```ts
 * import { InvalidOptionsError, topK } from '@gnnrec/graph'
 *
 * try {
 *   topK(Float32Array.of(1, 2), 3)
 * } catch (error) {
 *   if (error instanceof InvalidOptionsError) console.log(error.code, error.message)
 * }
 * ```
 */
export class InvalidOptionsError extends GnnRecError<'INVALID_OPTIONS'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_OPTIONS', message, options)
  }
}

/**
 * An error of interactions that cannot be used: a broken row, NaN, an empty table, parts that do not fit.
 *
 * @example
 * ```ts
 * import { fromColumns, InvalidInteractionsError } from '@gnnrec/graph'
 *
 * try {
 *   fromColumns({ user: ['ann'], item: ['jaws'], rating: [Number.NaN] })
 * } catch (error) {
 *   if (error instanceof InvalidInteractionsError) console.log(error.code, error.message)
 * }
 * ```
 */
export class InvalidInteractionsError extends GnnRecError<'INVALID_INTERACTIONS'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_INTERACTIONS', message, options)
  }
}

/**
 * An error of a user or item id that the model or table does not know, or that has another type.
 *
 * @example
 * ```ts
 * import { IdMap, UnknownIdError } from '@gnnrec/graph'
 *
 * try {
 *   IdMap.from([1, 2]).indexOf('1')
 * } catch (error) {
 *   if (error instanceof UnknownIdError) console.log(error.id, error.message)
 * }
 * ```
 */
export class UnknownIdError extends GnnRecError<'UNKNOWN_ID'> {
  /** The id, or the index, that is not known. */
  readonly id: string | number

  constructor(id: string | number, message: string) {
    super('UNKNOWN_ID', message)
    this.id = id
  }
}

/**
 * An error of an array, matrix or tensor whose shape does not fit the others.
 *
 * @example
 * ```ts
 * import { fromColumns, ShapeMismatchError } from '@gnnrec/graph'
 *
 * try {
 *   fromColumns({ user: ['ann', 'bob'], item: ['jaws'] })
 * } catch (error) {
 *   if (error instanceof ShapeMismatchError) console.log(error.code, error.message)
 * }
 * ```
 */
export class ShapeMismatchError extends GnnRecError<'SHAPE_MISMATCH'> {
  constructor(message: string) {
    super('SHAPE_MISMATCH', message)
  }
}

/**
 * An error of a score, loss or parameter that is NaN or infinite.
 *
 * @example
 * ```ts
 * import { NonFiniteError, topK } from '@gnnrec/graph'
 *
 * try {
 *   topK(Float32Array.of(1, Number.NaN), 1)
 * } catch (error) {
 *   if (error instanceof NonFiniteError) console.log(error.code, error.message)
 * }
 * ```
 */
export class NonFiniteError extends GnnRecError<'NON_FINITE'> {
  constructor(message: string) {
    super('NON_FINITE', message)
  }
}

/**
 * An error of an iteration that ended before its result was exact enough.
 *
 * @example
 * ```ts
 * import { NotConvergedError, SparseMatrix, truncatedSvd } from '@gnnrec/graph'
 *
 * const places = Array.from({ length: 400 }, (_, place) => place)
 * const matrix = SparseMatrix.fromCoordinates({
 *   rows: 100,
 *   columns: 100,
 *   rowIndices: places.map((place) => place % 100),
 *   columnIndices: places.map((place) => (7 * place + (place % 13)) % 100),
 *   values: places.map((place) => 1 + (place % 3)),
 * })
 * const options = { rank: 10, oversampling: 1, iterations: 1, tolerance: 1e-12 }
 * const error = await truncatedSvd(matrix, options).catch((cause: unknown) => cause)
 * console.log(error instanceof NotConvergedError, String(error))
 * ```
 */
export class NotConvergedError extends GnnRecError<'NOT_CONVERGED'> {
  constructor(message: string) {
    super('NOT_CONVERGED', message)
  }
}

/**
 * An error of two copies of a package in one process whose versions differ, so that they cannot share what they
 * have to share.
 *
 * @example
 * ```ts
 * import { PackageCopiesError } from '@gnnrec/graph/kernels'
 *
 * const error = new PackageCopiesError('@gnnrec/graph', '0.1.0', '0.2.0')
 * console.log(error.code, error.versions)
 * ```
 */
export class PackageCopiesError extends GnnRecError<'PACKAGE_COPIES'> {
  /** The versions of the two copies. */
  readonly versions: readonly [string, string]

  constructor(name: string, first: string, second: string) {
    super(
      'PACKAGE_COPIES',
      `Two copies of ${name} are loaded, of the versions ${first} and ${second}. Install one version: \`npm ls ${name}\` shows which packages bring them; update these, or run \`npm dedupe\`.`,
    )
    this.versions = [first, second]
  }
}

/**
 * An error of an object that is used after it was disposed of or closed.
 *
 * @example
 * ```ts
 * import { DisposedError } from '@gnnrec/graph'
 *
 * const error = new DisposedError('This light-gcn was disposed of; make a new one.')
 * console.log(error.code) // DISPOSED
 * ```
 */
export class DisposedError extends GnnRecError<'DISPOSED'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DISPOSED', message, options)
  }
}

/**
 * An error of a function that a user has passed, such as a reporter of progress. It has the message of what the function
 * threw, which is its `cause`.
 *
 * @example
 * ```ts
 * import { CallbackError } from '@gnnrec/graph'
 * import { awaitCallback } from '@gnnrec/graph/kernels'
 *
 * const onProgress = () => {
 *   throw new Error('The dashboard is away.')
 * }
 * const error = await awaitCallback('onProgress', onProgress).catch((thrown: unknown) => thrown)
 * if (error instanceof CallbackError) console.log(error.callback, error.message)
 * ```
 */
export class CallbackError extends GnnRecError<'CALLBACK'> {
  /** Name of the function, as in `'progress.epoch'`. */
  readonly callback: string

  constructor(callback: string, cause: unknown) {
    const message = thrownMessage(cause)
    super('CALLBACK', cause instanceof Error ? message : `${callback} threw ${message}`, { cause })
    this.callback = callback
  }
}
