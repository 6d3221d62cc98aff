import type { ColdNodes } from './cold-start.js'

/** The arrays that the scores of a recommender by embeddings are made of. They must not be changed. */
export interface ScoredRows {
  /** One row per user, row-major. */
  readonly users: Float32Array
  /** One row per item, row-major. */
  readonly items: Float32Array
  /** Factor on the product of two rows. */
  readonly scale: number
  /** One number per item, added to its scores. */
  readonly bias: Float32Array | undefined
  /** Users and items of which the model knows nothing. */
  readonly cold: ColdNodes | undefined
}
