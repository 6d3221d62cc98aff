import type { Finding } from './finding.js'
import type { PatientGuardCode } from './guard-options.js'

/** Where training stood at some moment. */
interface Moment {
  readonly epoch: number
  readonly totalSteps: number
}

/** What guards remember from check to check; plain JSON, saved in checkpoints. */
export interface GuardState {
  readonly findings: readonly Finding[]
  /** Sizes of parameters at the first look; null before it. */
  readonly startSizes: Readonly<Record<string, number>> | null
  /** The last check that ran the model. */
  readonly lastCheck: Moment | null
  /** Since when something has been so at every check. */
  readonly since: Readonly<Partial<Record<PatientGuardCode, Moment>>>
  /** Popularity's value of the metric. */
  readonly popularity: number | null
  /** Digests of sampled parameters, and of scores computed from them. */
  readonly fingerprints: { readonly parameters: number; readonly scores: number } | null
}

/** {@link GuardState} as it goes on. */
export type MutableGuardState = { -readonly [Key in keyof GuardState]: GuardState[Key] }

/** The state before the first look. */
export function noGuardState(): MutableGuardState {
  return {
    ...{ findings: [], startSizes: null, lastCheck: null },
    ...{ since: {}, popularity: null, fingerprints: null },
  }
}
