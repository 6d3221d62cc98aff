import {
  type Id,
  type InteractionLists,
  parseOptions,
  ShapeMismatchError,
  SparseMatrix,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { type ColdStart, coldStartSchema } from './cold-start.js'
import { NotSupportedError } from './errors.js'
import { HistoryRecommender } from './history-recommender.js'
import type { LiftingItems } from './lift-item.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
import { checkFinite } from './rows.js'

/** Options of {@link ItemSimilarityRecommender}. */
export interface ItemSimilarityRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /**
   * The matrix of items × items finite weights: the entry (j, i) is added to the score of item i
   * for users that met item j. A dense matrix is row-major and copied; a sparse one is kept.
   */
  weights: SparseMatrix | Float32Array
  /**
   * The treatment of users and items without seen items or users, for whom all weights are zero. `'popularity'`
   * answers for them with the items that most users have seen, and marks these answers.
   *
   * @defaultValue `'popularity'`
   */
  coldStart?: ColdStart
}

const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  weights: z.custom<SparseMatrix | Float32Array>(
    (value) => value instanceof SparseMatrix || value instanceof Float32Array,
    { error: 'expected a SparseMatrix or a Float32Array' },
  ),
  coldStart: coldStartSchema,
})

/**
 * A recommender by a matrix W of weights between items: the score of item i for user u is `Σ_j W[j, i]`
 * over the items j that u met, times their weights if they have any, summed in float32 by ascending j. Trained ItemKnn and Ease models
 * become recommenders of this kind.
 *
 * The items similar to i are ranked by column i of W. Of a sparse matrix, only items with an entry
 * in the column are similar.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { ItemSimilarityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new ItemSimilarityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   weights: Float32Array.of(0, 0.5, 0.5, 0),
 * })
 * console.log(recommender.recommend('ann', { k: 1 }).items) // ['Brazil']
 * ```
 */
export class ItemSimilarityRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends HistoryRecommender<UserId, ItemId> {
  readonly #weights: SparseMatrix | Float32Array

  /**
   * Checks the options and makes the recommender.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first item with a weight that is NaN or infinite
   */
  constructor(options: ItemSimilarityRecommenderOptions<UserId, ItemId>) {
    const { weights, coldStart } = parseOptions('ItemSimilarityRecommender', optionsSchema, options)
    super(options, 'item-similarity', coldStart)
    const count = this.itemCount
    if (weights instanceof SparseMatrix) {
      if (weights.rows !== count || weights.columns !== count) {
        throw new ShapeMismatchError(
          `weights is ${weights.rows} × ${weights.columns}; expected ${count} × ${count} for ${count} items.`,
        )
      }
      this.#weights = weights
    } else {
      if (weights.length !== count * count) {
        throw new ShapeMismatchError(
          `weights has ${weights.length} numbers; ${count} items need ${count} × ${count} = ${count * count}.`,
        )
      }
      checkFinite('The row of weights of item', weights, count, this.items)
      this.#weights = weights.slice()
    }
  }

  override withColdStart(coldStart: ColdStart): ItemSimilarityRecommender<UserId, ItemId> {
    return new ItemSimilarityRecommender({
      ...this.common,
      weights: this.#weights,
      coldStart,
    })
  }

  protected override get isLinear(): boolean {
    return true
  }

  protected override scoreLists(
    { pointers, items: met, weights: shares }: InteractionLists,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const width = items ? items.length : this.itemCount
    for (let row = 0; row < pointers.length - 1; row++) {
      const seen = met.subarray(pointers[row], pointers[row + 1])
      const scores = out.subarray(row * width, (row + 1) * width)
      const share = shares?.subarray(pointers[row], pointers[row + 1])
      scores.fill(0)
      if (this.#weights instanceof SparseMatrix)
        addSparse(this.#weights, seen, share, items, scores)
      else if (items) addPlaces(this.#weights, this.itemCount, seen, share, items, scores)
      else if (share) addWeightedRows(this.#weights, seen, share, scores)
      else addRows(this.#weights, seen, scores)
    }
  }

  /** Takes what having met each item adds to the score of one. */
  protected override liftingItems(item: number): LiftingItems {
    return { method: 'exact', values: this.similarities('items', item) }
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    if (side === 'users') {
      throw new NotSupportedError(
        'This model knows similarities between items only, so no similar users; use a model such as BprMf or LightGcn.',
      )
    }
    const weights = this.#weights
    const count = this.itemCount
    if (!(weights instanceof SparseMatrix)) {
      return Float32Array.from({ length: count }, (_, other) => weights[other * count + index])
    }
    const { rowPointers, columnIndices, values } = weights.transpose()
    const column = new Float32Array(count).fill(Number.NEGATIVE_INFINITY)
    for (let entry = rowPointers[index]; entry < rowPointers[index + 1]; entry++) {
      column[columnIndices[entry]] = values[entry]
    }
    return column
  }

  protected override toParts() {
    const weights = this.#weights
    const count = this.itemCount
    const serving = new Map<string, { shape: number[]; data: Float32Array | Int32Array }>()
    if (weights instanceof SparseMatrix) {
      const { rowPointers, columnIndices, values, nonZeros } = weights
      serving.set('rowPointers', { shape: [count + 1], data: rowPointers })
      serving.set('columnIndices', { shape: [nonZeros], data: columnIndices })
      serving.set('values', { shape: [nonZeros], data: values })
    } else {
      serving.set('weights', { shape: [count, count], data: weights })
    }
    return {
      kind: 'item-similarity' as const,
      score: {
        similarity: 'dot' as const,
        scale: 1,
        itemBias: false,
        ...(this.coldStart === 'model' && { coldStart: this.coldStart }),
      },
      serving,
    }
  }
}

function addSparse(
  weights: SparseMatrix,
  seen: Int32Array,
  shares: Float32Array | undefined,
  items: Int32Array | undefined,
  scores: Float32Array,
): void {
  const { rowPointers, columnIndices, values } = weights
  const all = items ? new Float32Array(weights.columns) : scores
  for (let s = 0; s < seen.length; s++) {
    const end = rowPointers[seen[s] + 1]
    const share = shares ? shares[s] : 1
    for (let entry = rowPointers[seen[s]]; entry < end; entry++) {
      all[columnIndices[entry]] += share * values[entry]
    }
  }
  if (!items) return
  for (let place = 0; place < items.length; place++) scores[place] = all[items[place]]
}

/** Adds whole rows, four at a time so that a score is read and written once for the four. */
function addRows(weights: Float32Array, seen: Int32Array, scores: Float32Array): void {
  const count = scores.length
  const { fround } = Math
  let s = 0
  for (; s + 4 <= seen.length; s += 4) {
    const a = seen[s] * count
    const b = seen[s + 1] * count
    const c = seen[s + 2] * count
    const d = seen[s + 3] * count
    for (let item = 0; item < count; item++) {
      // Rounded after every sum, so that this equals adding one row after another.
      const two = fround(fround(scores[item] + weights[a + item]) + weights[b + item])
      scores[item] = fround(two + weights[c + item]) + weights[d + item]
    }
  }
  for (; s < seen.length; s++) {
    const a = seen[s] * count
    for (let item = 0; item < count; item++) scores[item] += weights[a + item]
  }
}

/** Adds whole rows times the weights of their items. */
function addWeightedRows(
  weights: Float32Array,
  seen: Int32Array,
  shares: Float32Array,
  scores: Float32Array,
): void {
  for (let s = 0; s < seen.length; s++) {
    const row = seen[s] * scores.length
    for (let item = 0; item < scores.length; item++) {
      scores[item] += shares[s] * weights[row + item]
    }
  }
}

function addPlaces(
  weights: Float32Array,
  count: number,
  seen: Int32Array,
  shares: Float32Array | undefined,
  items: Int32Array,
  scores: Float32Array,
): void {
  for (let s = 0; s < seen.length; s++) {
    const row = seen[s] * count
    const share = shares ? shares[s] : 1
    for (let place = 0; place < items.length; place++) {
      scores[place] += share * weights[row + items[place]]
    }
  }
}
