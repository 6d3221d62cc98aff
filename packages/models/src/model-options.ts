import * as z from 'zod'

/** Options that every model with a table of embeddings has. */
export interface EmbeddingOptions {
  /** Length of an embedding, an integer >= 1. @defaultValue 64 */
  embeddingDim?: number
  /** Standard deviation of the normal distribution of initial embeddings, > 0. @defaultValue 0.1 */
  initialDeviation?: number
  /**
   * Weight of the L2 term ½/B · Σ_b (‖p_u‖² + ‖q_i‖² + ‖q_j‖²) on the batch's rows of layer 0, >= 0:
   * `decay` of the LightGCN papers, `reg_weight` of RecBole.
   *
   * @defaultValue 1e-4
   */
  l2Weight?: number
  /** Seed of everything the model draws. @defaultValue 0 */
  seed?: number | string
}

/** Schema of {@link EmbeddingOptions}, to be extended by each model. */
export const embeddingOptionsShape = {
  embeddingDim: z.int().min(1).default(64),
  initialDeviation: z.number().positive().default(0.1),
  l2Weight: z.number().min(0).default(1e-4),
  seed: z.union([z.number(), z.string()]).default(0),
}
