import * as z from 'zod'
import { type EmbeddingOptions, embeddingOptionsShape } from '../model-options.js'

/** Options of `Gcnii`. */
export interface GcniiOptions extends EmbeddingOptions {
  /** Propagation steps, an integer >= 0. @defaultValue 4 */
  layers?: number
  /** α, how much of layer 0 every layer keeps, in [0, 1]. @defaultValue 0.1, as the official code */
  initialResidual?: number
  /**
   * λ >= 0 of β_l = ln(λ/l + 1), how much of layer l is transformed. @defaultValue 0.5, as the
   * official code for Cora
   */
  identityDecay?: number
  /** What follows each layer. @defaultValue 'relu' */
  activation?: 'relu' | 'identity'
  /**
   * The map d → d after the last layer, the identity at first. Without one, ReLU leaves no negative
   * score. @defaultValue 'linear'
   */
  head?: 'linear' | 'linear-without-bias' | 'none'
}

export const gcniiSchema = z.strictObject({
  ...embeddingOptionsShape,
  layers: z.int().min(0).default(4),
  initialResidual: z.number().min(0).max(1).default(0.1),
  identityDecay: z.number().min(0).default(0.5),
  activation: z.enum(['relu', 'identity']).default('relu'),
  head: z.enum(['linear', 'linear-without-bias', 'none']).default('linear'),
})

export type ResolvedGcniiOptions = z.output<typeof gcniiSchema>
