import * as z from 'zod/mini'
import { type EmbeddingOptions, embeddingOptionsShape, layersSchema } from '../model-options.js'

/** Options of `LightGcn`. */
export interface LightGcnOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 0..256; 0 is matrix factorization. @defaultValue 3 */
  layers?: number
  /**
   * Weights of layers 0..layers in the final embedding, finite: numbers, `'mean'` for 1 / (layers + 1) each, or
   * `'propagated-mean'` for the mean of layers 1..layers, which leaves out the embeddings before propagation.
   *
   * @defaultValue 'mean'
   */
  layerWeights?: readonly number[] | 'mean' | 'propagated-mean' | undefined
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
    layerWeights: z.optional(
      z
        .custom<readonly number[] | 'mean' | 'propagated-mean'>(
          (value) => Array.isArray(value) || value === 'mean' || value === 'propagated-mean',
          { error: "expected an array of numbers, 'mean' or 'propagated-mean'" },
        )
        // What the caller does with the array later must not change the model.
        .check(z.overwrite((value) => (Array.isArray(value) ? Object.freeze([...value]) : value))),
    ),
    edgeDropout: z._default(z.number().check(z.gte(0), z.lt(1)), 0),
  })
  .check((context) => {
    const { layers, layerWeights } = context.value
    const refuse = (message: string, input: unknown, place: number[] = []) =>
      context.issues.push({ code: 'custom', path: ['layerWeights', ...place], input, message })
    if (layerWeights === 'propagated-mean' && layers === 0) {
      refuse("expected 'mean' with layers 0, which propagates nothing", layerWeights)
    }
    if (!Array.isArray(layerWeights)) return
    if (layerWeights.length !== layers + 1) {
      refuse(`expected ${layers + 1} weights, for layers 0..${layers}`, layerWeights)
    }
    for (const [place, weight] of layerWeights.entries()) {
      if (!Number.isFinite(weight)) refuse('expected a finite number', weight, [place])
    }
  })

export type ResolvedLightGcnOptions = z.output<typeof lightGcnSchema>

/** Returns the weights of layers 0..layers as numbers. */
export function layerWeightsOf({
  layers,
  layerWeights = 'mean',
}: ResolvedLightGcnOptions): readonly number[] {
  if (typeof layerWeights !== 'string') return layerWeights
  if (layerWeights === 'mean') return new Array<number>(layers + 1).fill(1 / (layers + 1))
  return [0, ...new Array<number>(layers).fill(1 / layers)]
}
