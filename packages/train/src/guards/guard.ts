import type { GuardCode } from './finding.js'
import type { Inspection } from './inspection.js'

/** The message and the values of a finding. */
export interface Suspicion {
  /** Text that says what was measured, the likely cause, and what to do. */
  readonly message: string
  /** Measured values by name. */
  readonly values: Readonly<Record<string, number>>
}

/** A check of a model in training for one sign of collapse. */
export interface Guard {
  /** Code of its findings. */
  readonly code: GuardCode
  /** Examines a model; returns undefined when nothing is wrong. */
  examine(inspection: Inspection): Promise<Suspicion | undefined>
}
