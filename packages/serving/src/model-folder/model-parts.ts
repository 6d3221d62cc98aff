import type { IdMap, InteractionLists } from '@gnnrec/graph'
import type { ModelKind, ScoreDefinition } from './model-json.js'
import type { TensorMap } from './safetensors.js'

/** Everything a model folder holds. */
export interface ModelParts {
  /** Name of the model class: `'LightGcn'`. */
  readonly architecture: string
  /** The options the model was made with: plain JSON values. */
  readonly options: Readonly<Record<string, unknown>>
  /** Hash of the split it was trained on, null when it was trained on a plain table. */
  readonly splitHash: string | null
  readonly kind: ModelKind
  readonly score: ScoreDefinition
  /** Parameters and buffers that training needs; absent for what was saved by a recommender. */
  readonly weights?: TensorMap
  /**
   * What answering needs, in float32 but for indices (int32):
   *
   * - kind `embeddings`: `users` [users, embeddingDim], `items` [items, embeddingDim] and, if the
   *   score has an item bias, `itemBias` [items]
   * - kind `item-similarity`: `weights` [items, items], or in compressed sparse rows `rowPointers`
   *   [items + 1], `columnIndices` [entries] and `values` [entries]; place (j, i) is what having met
   *   item j adds to the score of item i
   * - kind `popularity`: `scores` [items]
   * - kind `random`: `key` [2], int32, of the stream that draws
   */
  readonly serving: TensorMap
  readonly users: IdMap
  readonly items: IdMap
  /** Each user's training items, which recommendations leave out. */
  readonly seen: InteractionLists
}

/** The file that lists the others. */
export const manifestName = 'model.json'
