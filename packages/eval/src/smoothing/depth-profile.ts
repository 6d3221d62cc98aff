import type { Smoothing } from './measure-smoothing.js'

/** What is known of one depth. */
export interface DepthProfile {
  /** Layers: 0 for the free embeddings. */
  readonly depth: number
  /** Of the rows after this layer; undefined where only a trial has so many layers. */
  readonly smoothing: Smoothing | undefined
  /**
   * `'distinct'`, `'smoothed'` from half, `'collapsed'` from nine tenths: by the larger of the mean
   * cosine and of the share of the smooth and the oscillating direction together.
   */
  readonly state: 'distinct' | 'smoothed' | 'collapsed' | undefined
  /** The deciding metric, where it was judged. */
  readonly validation: number | undefined
}

/** Which depth to take. */
export interface DepthAdvice {
  readonly depth: number
  /** Why, in sentences. */
  readonly reasons: readonly string[]
  /** By depth, ascending. */
  readonly profiles: readonly DepthProfile[]
}
