import type { Finding } from './finding.js'
import type { PatientGuardCode } from './guard-options.js'
import type { ParameterSketch } from './parameter-sketch.js'

/** A moment of a training. */
interface Moment {
  readonly epoch: number
  readonly totalSteps: number
}

/** The memory of guards from check to check; plain JSON, saved in checkpoints. */
export interface GuardState {
  /** Findings so far. */
  readonly findings: readonly Finding[]
  /** Sizes of parameters at the first check; null before it. */
  readonly startSizes: Readonly<Record<string, number>> | null
  /** Sketches of parameters at the start, by name; null before it. */
  readonly start: Readonly<Record<string, ParameterSketch>> | null
  /** Moment of the last check that ran the model; null before it. */
  readonly lastCheck: Moment | null
  /** Moment since which a suspicion has held at every check, by guard. */
  readonly since: Readonly<Partial<Record<PatientGuardCode, Moment>>>
  /** Value of the metric that Popularity reaches; null until it is needed. */
  readonly popularity: number | null
  /** Digests of sampled parameters and of the scores computed from them; null before the first check. */
  readonly fingerprints: { readonly parameters: number; readonly scores: number } | null
}

/** A {@link GuardState} that changes during training. */
export type MutableGuardState = { -readonly [Key in keyof GuardState]: GuardState[Key] }

/** Returns the state before the first check. */
export function noGuardState(): MutableGuardState {
  return {
    findings: [],
    startSizes: null,
    start: null,
    lastCheck: null,
    since: {},
    popularity: null,
    fingerprints: null,
  }
}
