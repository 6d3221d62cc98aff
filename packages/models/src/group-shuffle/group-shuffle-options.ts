import * as z from 'zod/mini'
import { type EmbeddingOptions, embeddingOptionsShape, layersSchema } from '../model-options.js'
import type { OrthogonalMap } from './orthogonal-block.js'

/** The permutation of dimensions in `GroupShuffle`. */
type GroupShufflePermutation = 'stride' | 'random' | 'none'

/** Options of `GroupShuffle`. */
export interface GroupShuffleOptions extends EmbeddingOptions {
  /** Propagation steps, an integer in 0..256; 0 is matrix factorization. @defaultValue 3 */
  layers?: number
  /**
   * Dimensions that a block rotates, an integer >= 1 that divides `embeddingDim`; with 1 nothing
   * rotates. Two factors reach all dimensions from each if blockSize² >= embeddingDim.
   *
   * @defaultValue 8
   */
  blockSize?: number
  /** α: share of the free embedding in every layer after it, in [0, 1]. @defaultValue 0.1 */
  initialResidual?: number
  /**
   * Block-diagonal factors of a rotation. 2: Q = Pᵀ L P R, blocks of ½(K - Kᵀ), as the official code of
   * group-and-shuffle has it. 1: one of K - Kᵀ, then a permutation of the columns, which is not the
   * identity at the start: the predecessor's form.
   *
   * @defaultValue 2
   */
  factors?: 1 | 2
  /** The map from a skew-symmetric block to a rotation. @defaultValue 'cayley' */
  orthogonalMap?: OrthogonalMap
  /**
   * `'stride'` deals each block out to all blocks; `'random'` draws a permutation for each layer from
   * the seed, which is saved with the model; `'none'` leaves the dimensions where they are, so that they
   * mix within their block only.
   *
   * @defaultValue 'stride'
   */
  shuffle?: GroupShufflePermutation
  /** Standard deviation of the initial K, >= 0; with 0 all blocks start as the identity. @defaultValue 0 */
  blockDeviation?: number
  /**
   * Share of numbers set to 0 in the input of each layer in training, in [0, 1); the others are
   * divided by 1 - dropout. A step then costs several times as much.
   *
   * @defaultValue 0
   */
  dropout?: number
}

export const groupShuffleSchema = z
  .strictObject({
    ...embeddingOptionsShape,
    layers: z._default(layersSchema, 3),
    blockSize: z._default(z.int().check(z.gte(1)), 8),
    initialResidual: z._default(z.number().check(z.gte(0), z.lte(1)), 0.1),
    factors: z._default(z.union([z.literal(1), z.literal(2)]), 2),
    orthogonalMap: z._default(z.enum(['cayley', 'exponential']), 'cayley'),
    shuffle: z._default(z.enum(['stride', 'random', 'none']), 'stride'),
    blockDeviation: z._default(z.number().check(z.gte(0)), 0),
    dropout: z._default(z.number().check(z.gte(0), z.lt(1)), 0),
  })
  .check(({ value, issues }) => {
    const { embeddingDim, blockSize } = value
    if (embeddingDim % blockSize === 0) return
    issues.push({
      code: 'custom',
      path: ['blockSize'],
      input: blockSize,
      message: `expected a divisor of embeddingDim, which is ${embeddingDim}; ${blockSize} is none`,
    })
  })

export type ResolvedGroupShuffleOptions = z.output<typeof groupShuffleSchema>
