import * as z from 'zod/mini'
import { type EmbeddingOptions, embeddingOptionsShape, layersSchema } from '../model-options.js'

/** Options of `Gcnii`. */
export interface GcniiOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 0..256. @defaultValue 4 */
  layers?: number
  /**
   * The input of W_l: `'gcnii'` S = (1-α) Ã H + α H⁽⁰⁾ with W_l [d, d]; `'gcnii*'` the two parts of S
   * side by side, [Ã H ‖ H⁽⁰⁾], with W_l [2d, d].
   *
   * @defaultValue 'gcnii'
   */
  variant?: 'gcnii' | 'gcnii*'
  /** Share α of layer 0 that every layer keeps, in [0, 1]. @defaultValue 0.1, as the official code */
  initialResidual?: number
  /**
   * True to add each layer's input to its output before the activation, as the official code does for PPI
   * (`residual`); not possible on samples of the graph.
   *
   * @defaultValue false
   */
  layerResidual?: boolean
  /**
   * Number λ >= 0 of β_l = ln(λ/l + 1), the share of layer l that is transformed. @defaultValue 0.5, as the
   * official code for Cora
   */
  identityDecay?: number
  /** Function after each layer. @defaultValue 'relu' */
  activation?: 'relu' | 'identity'
  /**
   * The map d → d after the last layer, the identity at first. Without one, ReLU leaves no negative
   * score. @defaultValue 'linear'
   */
  head?: 'linear' | 'linear-without-bias' | 'none'
  /**
   * Share of numbers set to 0 in the input of each layer and of the head in training, in [0, 1); the
   * others are divided by 1 - dropout. A step then costs about twice as much. The official code has
   * 0.6 for Cora.
   *
   * @defaultValue 0
   */
  dropout?: number
}

export const gcniiSchema = z.strictObject({
  ...embeddingOptionsShape,
  layers: z._default(layersSchema, 4),
  variant: z._default(z.enum(['gcnii', 'gcnii*']), 'gcnii'),
  initialResidual: z._default(z.number().check(z.gte(0), z.lte(1)), 0.1),
  layerResidual: z._default(z.boolean(), false),
  identityDecay: z._default(z.number().check(z.gte(0)), 0.5),
  activation: z._default(z.enum(['relu', 'identity']), 'relu'),
  head: z._default(z.enum(['linear', 'linear-without-bias', 'none']), 'linear'),
  dropout: z._default(z.number().check(z.gte(0), z.lt(1)), 0),
})

export type ResolvedGcniiOptions = z.output<typeof gcniiSchema>
