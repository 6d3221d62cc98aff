import type { Smoothing } from './measure-smoothing.js'

/** Measurements of one depth. */
export interface DepthProfile {
  /** Number of layers; 0 for the free embeddings. */
  readonly depth: number
  /** Measures of the rows after this layer; undefined if the model has fewer layers. */
  readonly smoothing: Smoothing | undefined
  /**
   * State of the rows: `'smoothed'` if all nodes have at least 50 % of their rows in common,
   * `'collapsed'` if at least 90 %, else `'distinct'`. The common part is the larger of the mean cosine
   * and the sum of the shares of the smooth and the oscillating direction.
   */
  readonly state: 'distinct' | 'smoothed' | 'collapsed' | undefined
  /** Deciding metric on the validation part; undefined if this depth was not evaluated. */
  readonly validation: number | undefined
}

/** A recommended depth. */
export interface DepthAdvice {
  /** Recommended number of layers. */
  readonly depth: number
  /** Reasons in sentences. */
  readonly reasons: readonly string[]
  /** Measurements by depth, ascending. */
  readonly profiles: readonly DepthProfile[]
}
