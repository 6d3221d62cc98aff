import * as z from 'zod/mini'
import type { Initialization } from '../initialization.js'
import type { L2Convention } from '../losses/batch-l2.js'
import { type LossOption, lossSchema } from '../losses/loss-settings.js'
import {
  type EmbeddingOptions,
  embeddingOptionsShape,
  initializationSchema,
  l2ConventionSchema,
  l2WeightSchema,
  layersSchema,
} from '../model-options.js'

/** The edges that the pruning of an epoch prefers to keep; see `LayerGcn`. */
export type PruningSchedule = 'alternate' | 'degree'

/** Options of `LayerGcn`. */
export interface LayerGcnOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 1..256. @defaultValue 4 */
  layers?: number
  /**
   * Share of edges left out of each epoch of training, in [0, 1); at least one edge has to stay. The
   * official grid is 0, 0.1, 0.2. Evaluation uses the whole graph.
   *
   * @defaultValue 0.1
   */
  edgePruning?: number
  /**
   * `'degree'`: an edge is kept with weight 1/√(d_u d_i), so that edges between nodes of high degree
   * are dropped more. `'alternate'`: so in epochs 0, 2, 4..., with equal weights in the others, as
   * the official code does.
   *
   * @defaultValue 'alternate'
   */
  pruningSchedule?: PruningSchedule
  /**
   * The loss that is trained. A loss that is a mean over the batch goes with `l2Convention: 'mean-squares'`.
   *
   * @defaultValue { name: 'bpr', reduction: 'sum' }
   */
  loss?: LossOption
  /**
   * Weight of the L2 term, >= 0; `reg_weight` of the official code, whose grid is 1e-2 to 1e-5.
   *
   * @defaultValue 1e-3
   */
  l2Weight?: number
  /** Form of the L2 term. @defaultValue 'sum-squares' */
  l2Convention?: L2Convention
  /** Distribution of initial embeddings. @defaultValue 'xavier-uniform' */
  initialization?: Initialization
}

export const layerGcnSchema = z.strictObject({
  ...embeddingOptionsShape,
  initialization: z._default(initializationSchema, 'xavier-uniform'),
  layers: z._default(layersSchema.check(z.gte(1)), 4),
  edgePruning: z._default(z.number().check(z.gte(0), z.lt(1)), 0.1),
  pruningSchedule: z._default(z.enum(['alternate', 'degree']), 'alternate'),
  loss: z.prefault(lossSchema, { name: 'bpr', reduction: 'sum' }),
  l2Weight: z._default(l2WeightSchema, 1e-3),
  l2Convention: z._default(l2ConventionSchema, 'sum-squares'),
})

export type ResolvedLayerGcnOptions = z.output<typeof layerGcnSchema>
