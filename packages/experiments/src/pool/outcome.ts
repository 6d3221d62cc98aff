import type { Measurements } from '../trial/measurements.js'

/** Why a trial failed. */
export interface TrialFailure {
  /**
   * `'error'`: it threw; `'crash'`: its process ended by itself or was killed from outside;
   * `'time-limit'`; `'out-of-memory'`; `'search'`: no setting could be chosen for it.
   */
  readonly kind: 'error' | 'crash' | 'time-limit' | 'out-of-memory' | 'search'
  /** A sentence. */
  readonly message: string
  /** Of an error of this library: `'INVALID_OPTIONS'`. */
  readonly code?: string
  readonly stack?: string
  readonly exitCode?: number
  /** That ended the process: `'SIGSEGV'`. */
  readonly signal?: string
  /** The last lines that the process wrote. */
  readonly output?: string
}

/** How a trial ended. */
export type TrialOutcome =
  | {
      readonly status: 'completed'
      readonly measurements: Measurements
      readonly peakRssMb: number
    }
  | { readonly status: 'failed'; readonly failure: TrialFailure; readonly peakRssMb?: number }
  /** Asked to stop; it goes on from its checkpoint when it is run again. */
  | { readonly status: 'stopped' }
