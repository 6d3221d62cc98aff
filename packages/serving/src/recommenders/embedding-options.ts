import type { Id } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { type FoldIn, foldInSchema } from '../model-folder/fold-in.js'
import type { TensorMap } from '../model-folder/safetensors.js'
import { type ColdStart, coldStartSchema } from './cold-start.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'

/** Options of {@link EmbeddingRecommender}. */
export interface EmbeddingRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /** Length of one embedding, an integer from 1 up. */
  embeddingDim: number
  /** One embedding per user, row-major: users × embeddingDim finite numbers. */
  userEmbeddings: Float32Array
  /** One embedding per item, row-major: items × embeddingDim finite numbers. */
  itemEmbeddings: Float32Array
  /**
   * The similarity of two embeddings: their dot product or their cosine. A row of zeros has the
   * cosine 0 with every other row.
   *
   * @defaultValue `'dot'`
   */
  similarity?: 'dot' | 'cosine'
  /**
   * Finite factor on the similarity.
   *
   * @defaultValue `1`
   */
  scale?: number
  /**
   * One finite number per item, added to its scores.
   *
   * @defaultValue no item bias
   */
  itemBias?: Float32Array
  /**
   * True to copy the embeddings. False keeps the given arrays, which must not change afterwards,
   * and saves their memory.
   *
   * @defaultValue `true`
   */
  copy?: boolean
  /**
   * The treatment of users and items that have no seen items or users, of whom a trained model knows nothing.
   * `'popularity'` answers for them with the items that most users have seen, and marks these answers; when
   * nobody has seen anything, the model answers. `'model'` always takes the embeddings, which is right when
   * they come from elsewhere, such as from features.
   *
   * @defaultValue `'popularity'`
   */
  coldStart?: ColdStart
  /**
   * The way in which histories of anybody get embeddings in the place of a user's.
   *
   * @defaultValue none: the recommender answers for its users only
   */
  foldIn?: FoldIn
  /**
   * The arrays that `foldIn` needs, by name; see {@link FoldIn}. They are kept and must not change.
   *
   * @defaultValue none
   */
  foldInTensors?: TensorMap
}

const floatsSchema = z.instanceof(Float32Array, { error: 'expected a Float32Array' })
/** Check of {@link EmbeddingRecommenderOptions}. */
export const embeddingOptionsSchema = z.strictObject({
  ...recommenderPartsShape,
  embeddingDim: z
    .number({ error: 'expected an integer from 1 up' })
    .check(z.int('expected an integer from 1 up'), z.gte(1, 'expected an integer from 1 up')),
  userEmbeddings: floatsSchema,
  itemEmbeddings: floatsSchema,
  similarity: z._default(z.enum(['dot', 'cosine'], { error: "expected 'dot' or 'cosine'" }), 'dot'),
  scale: z._default(z.number({ error: 'expected a finite number' }), 1),
  itemBias: z.optional(floatsSchema),
  copy: z._default(z.boolean({ error: 'expected true or false' }), true),
  coldStart: coldStartSchema,
  foldIn: z.optional(foldInSchema),
  foldInTensors: z.optional(
    z.custom<TensorMap>((value) => value instanceof Map, { error: 'expected a Map of tensors' }),
  ),
})
