import * as z from 'zod'
import type { Initialization } from './initialization.js'
import type { L2Convention } from './losses/batch-l2.js'
import { type LossSettings, lossSchema } from './losses/loss-settings.js'

/** Options of every model that is trained to rank. */
export interface RankingOptions {
  /** What is trained. @defaultValue { name: 'bpr' } */
  loss?: LossSettings
  /**
   * Weight of the L2 term on the batch's rows, >= 0; for embedding models ½/B · Σ_b (‖p_u‖² +
   * ‖q_i‖² + ‖q_j‖²) on rows of layer 0: `decay` of the LightGCN papers, `reg_weight` of RecBole.
   *
   * @defaultValue 1e-4
   */
  l2Weight?: number
  /** What the L2 term is. @defaultValue 'mean-squares' */
  l2Convention?: L2Convention
  /** Seed of everything the model draws. @defaultValue 0 */
  seed?: number | string
}

/** Options that every model with a table of embeddings has. */
export interface EmbeddingOptions extends RankingOptions {
  /** Length of an embedding, an integer >= 1. @defaultValue 64 */
  embeddingDim?: number
  /** Distribution of initial embeddings. @defaultValue 'normal', unless the model says otherwise */
  initialization?: Initialization
  /** Standard deviation of `'normal'`, > 0; the others have none to choose. @defaultValue 0.1 */
  initialDeviation?: number
}

/** Schema of {@link RankingOptions}, to be extended by each model. */
export const rankingOptionsShape = {
  loss: lossSchema.prefault({ name: 'bpr' }),
  l2Weight: z.number().min(0).default(1e-4),
  l2Convention: z.enum(['mean-squares', 'sum-squares', 'mean-norms']).default('mean-squares'),
  seed: z.union([z.number(), z.string()]).default(0),
}

/** Schema of {@link EmbeddingOptions}, to be extended by each model. */
export const embeddingOptionsShape = {
  embeddingDim: z.int().min(1).default(64),
  initialization: z.enum(['normal', 'xavier-uniform', 'xavier-normal']).default('normal'),
  initialDeviation: z.number().positive().default(0.1),
  ...rankingOptionsShape,
}
