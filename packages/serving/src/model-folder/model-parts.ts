import type { Id, IdMap, InteractionLists } from '@gnnrec/graph'
import type { ModelKind, ScoreDefinition } from './model-json.js'
import type { TensorMap } from './safetensors.js'

/** The content of a model folder. */
export interface ModelParts<UserId extends Id = Id, ItemId extends Id = Id> {
  /** Name of the model, such as `'light-gcn'`. */
  readonly architecture: string
  /** The options that the model was made with, as plain JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split that the model was trained on, or null when it was trained on a table. */
  readonly splitHash: string | null
  /** The kind of recommender that answers from the model. */
  readonly kind: ModelKind
  /** The formula of a score from embeddings. */
  readonly score: ScoreDefinition
  /** Parameters and buffers that training needs; a folder saved by a recommender has none. */
  readonly weights?: TensorMap
  /**
   * The tensors that answering needs, in float32, and indices in int32:
   *
   * - kind `embeddings`: `users` [users, embeddingDim], `items` [items, embeddingDim] and, if the
   *   score has an item bias, `itemBias` [items]
   * - kind `item-similarity`: `weights` [items, items], or in compressed sparse rows `rowPointers`
   *   [items + 1], `columnIndices` [entries] and `values` [entries]; the entry (j, i) is added to the
   *   score of item i for users that met item j
   * - kind `user-similarity`: the same three for a matrix of users × users, of which the entry (u, v) is added to the
   *   scores of user u for the items of user v
   * - kind `spectral-filter`: `vectors` [items, rank], if the filter in `score` has an ideal part
   * - kind `popularity`: `scores` [items]
   * - kind `random`: `key` [2], int32, of the stream of random numbers
   */
  readonly serving: TensorMap
  /** The tensors that histories of anybody need, see {@link FoldIn}. */
  readonly foldIn?: TensorMap
  /** The ids of the users. */
  readonly users: IdMap<UserId>
  /** The ids of the items. */
  readonly items: IdMap<ItemId>
  /** Each user's training items, which recommendations leave out, and their weights in models of weights. */
  readonly seen: InteractionLists
  /** Number of training users of each item, in a folder that is without its users. */
  readonly popularity?: Float32Array
}

/** Name of the file that lists the others. */
export const manifestName = 'model.json'
/** Largest number of bytes of this file, which holds options and names of files. */
export const mostManifestBytes = 1 << 24
