import type { Measurements } from '../trial/measurements.js'

/** The cause of a trial's failure. */
export interface TrialFailure {
  /**
   * The kind of failure: `'error'` when the trial threw, `'crash'` when its process ended unexpectedly
   * or was killed, `'time-limit'` and `'out-of-memory'` when it exceeded the budget, and `'search'` when
   * no setting could be chosen.
   */
  readonly kind: 'error' | 'crash' | 'time-limit' | 'out-of-memory' | 'search'
  /** A sentence that says what happened. */
  readonly message: string
  /** Code of an error of this library, such as `'INVALID_OPTIONS'`. */
  readonly code?: string
  /** Stack of the error. */
  readonly stack?: string
  /** Exit code of the process. */
  readonly exitCode?: number
  /** Signal that ended the process, such as `'SIGSEGV'`. */
  readonly signal?: string
  /** The last output of the process. */
  readonly output?: string
}

/** The end of a trial: completed, failed or stopped. */
export type TrialOutcome =
  | {
      readonly status: 'completed'
      readonly measurements: Measurements
      readonly peakRssMb: number
    }
  | { readonly status: 'failed'; readonly failure: TrialFailure; readonly peakRssMb?: number }
  /** The trial was asked to stop; it continues from its checkpoint when it is run again. */
  | { readonly status: 'stopped' }
