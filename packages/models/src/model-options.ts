import { sizeLimits } from '@gnnrec/graph'
import * as z from 'zod/mini'
import type { Initialization } from './initialization.js'
import type { L2Convention } from './losses/batch-l2.js'
import { type LossOption, lossSchema } from './losses/loss-settings.js'

/** Options of every model that is trained to rank. */
export interface RankingOptions {
  /**
   * The ranking loss: its settings, its name alone, or a function of your own, which is not saved with the model.
   *
   * @defaultValue { name: 'bpr' }
   */
  loss?: LossOption
  /**
   * Weight of the L2 term on the batch's rows, >= 0; for embedding models ½/B · Σ_b (‖p_u‖² +
   * ‖q_i‖² + ‖q_j‖²) on rows of layer 0: `decay` of the LightGCN papers, `reg_weight` of RecBole.
   *
   * @defaultValue 1e-4
   */
  l2Weight?: number
  /** Form of the L2 term. @defaultValue 'mean-squares' */
  l2Convention?: L2Convention
  /** Seed of everything the model draws. @defaultValue 0 */
  seed?: number | string
  /**
   * Bytes, > 0: a model whose parameters, matrices and final embeddings alone would take more is refused
   * before it takes any (`MODEL_TOO_LARGE`). `maxMemory` of `Trainer` counts what training takes besides.
   * It is not saved with the model. @defaultValue no limit
   */
  maxMemory?: number | undefined
}

/** Options that every model with a table of embeddings has. */
export interface EmbeddingOptions extends RankingOptions {
  /** Length of an embedding, an integer in 1..16384. @defaultValue 64 */
  embeddingDim?: number
  /** Distribution of initial embeddings. @defaultValue 'normal', unless the model says otherwise */
  initialization?: Initialization
  /** Standard deviation of `'normal'`, > 0; the others have none to choose. @defaultValue 0.1 */
  initialDeviation?: number
}

/** Schemas of options, for models with defaults of their own. */
export const embeddingDimSchema = z.int().check(z.gte(1), z.lte(sizeLimits.embeddingDim))
export const layersSchema = z.int().check(z.gte(0), z.lte(sizeLimits.layers))
export const rankSchema = z.int().check(z.gte(1), z.lte(sizeLimits.rank))
export const initializationSchema = z.enum(['normal', 'xavier-uniform', 'xavier-normal'])
export const l2ConventionSchema = z.enum(['mean-squares', 'sum-squares', 'mean-norms'])
export const l2WeightSchema = z.number().check(z.gte(0))

/** Schema of {@link RankingOptions}, to be extended by each model. */
export const rankingOptionsShape = {
  loss: z.prefault(lossSchema, { name: 'bpr' }),
  l2Weight: z._default(l2WeightSchema, 1e-4),
  l2Convention: z._default(l2ConventionSchema, 'mean-squares'),
  seed: z._default(z.union([z.number(), z.string()]), 0),
  maxMemory: z.optional(z.number().check(z.positive())),
}

/** Schema of {@link EmbeddingOptions}, to be extended by each model. */
export const embeddingOptionsShape = {
  embeddingDim: z._default(embeddingDimSchema, 64),
  initialization: z._default(initializationSchema, 'normal'),
  initialDeviation: z._default(z.number().check(z.positive()), 0.1),
  ...rankingOptionsShape,
}
