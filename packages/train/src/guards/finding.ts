/** The codes of findings; each is also the name of its guard's option. */
export type GuardCode =
  | 'below-popularity'
  | 'exploding-parameters'
  | 'no-data-gradient'
  | 'one-direction'
  | 'same-lists'
  | 'shrinking-parameters'
  | 'small-initialization'
  | 'stale-embeddings'
  | 'tied-scores'
  | 'unmoved-loss'

/** All codes of findings. */
export const guardCodes = [
  'below-popularity',
  'exploding-parameters',
  'no-data-gradient',
  'one-direction',
  'same-lists',
  'shrinking-parameters',
  'small-initialization',
  'stale-embeddings',
  'tied-scores',
  'unmoved-loss',
] as const satisfies readonly GuardCode[]

/** The consequence of a finding: a warning, or the end of training with `DegenerateModelError`. */
export type FindingLevel = 'warn' | 'stop'

/** A sign, found during training, that a model collapses or does not learn. Each code comes at most once. */
export interface Finding {
  /** Name of the guard that found it. */
  readonly code: GuardCode
  /** Consequence of the finding. */
  readonly level: FindingLevel
  /** Epoch after which it was found, from 1; 0 before the first. */
  readonly epoch: number
  /** Text that says what was measured, the likely cause, and what to do. */
  readonly message: string
  /** Measured values by name. */
  readonly values: Readonly<Record<string, number>>
}
