/** Names what a guard found; each code is also the name of its option. */
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

/** All codes. */
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
] as const satisfies readonly GuardCode[]

/** Whether training goes on with a warning or ends with `DegenerateModelError`. */
export type FindingLevel = 'warn' | 'stop'

/** A sign that a model collapses or does not learn, found while it trains. Each code comes once. */
export interface Finding {
  readonly code: GuardCode
  readonly level: FindingLevel
  /** The epoch after which it was found, from 1; 0 before the first. */
  readonly epoch: number
  /** What was measured, its likely cause, and what to do. */
  readonly message: string
  /** What was measured, by name. */
  readonly values: Readonly<Record<string, number>>
}
