import * as z from 'zod/mini'
import { type EmbeddingOptions, embeddingOptionsShape, layersSchema } from '../model-options.js'

/** Options of `LightGcn`. */
export interface LightGcnOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 0..256; 0 is matrix factorization. @defaultValue 3 */
  layers?: number
  /**
   * Weights of layers 0..layers in the final embedding, finite.
   *
   * @defaultValue 1 / (layers + 1) each, the mean
   */
  layerWeights?: readonly number[] | undefined
  /**
   * Share of directed edges left out of each training step, in [0, 1); the others are divided by
   * 1 - edgeDropout. Evaluation uses the whole graph.
   *
   * @defaultValue 0
   */
  edgeDropout?: number
}

export const lightGcnSchema = z
  .strictObject({
    ...embeddingOptionsShape,
    layers: z._default(layersSchema, 3),
    layerWeights: z.optional(z.readonly(z.array(z.number()))),
    edgeDropout: z._default(z.number().check(z.gte(0), z.lt(1)), 0),
  })
  .check((context) => {
    const { layers, layerWeights } = context.value
    if (layerWeights === undefined || layerWeights.length === layers + 1) return
    context.issues.push({
      code: 'custom',
      path: ['layerWeights'],
      input: layerWeights,
      message: `expected ${layers + 1} weights, for layers 0..${layers}`,
    })
  })

export type ResolvedLightGcnOptions = z.output<typeof lightGcnSchema>
