import type { GuardCode } from './finding.js'
import type { Inspection } from './inspection.js'

/** What a guard has to say. */
export interface Suspicion {
  /** What was measured, its likely cause, and what to do. */
  readonly message: string
  readonly values: Readonly<Record<string, number>>
}

/** Looks at a model in training for one sign of collapse. */
export interface Guard {
  readonly code: GuardCode
  /** Undefined when there is nothing to say. */
  examine(inspection: Inspection): Promise<Suspicion | undefined>
}
