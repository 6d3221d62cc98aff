import { type Id, type IdMap, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod/mini'
import { EmbeddingRecommender } from '../recommenders/embedding-recommender.js'
import { NotSupportedError } from '../recommenders/errors.js'
import { gatherRows } from '../recommenders/rows.js'
import { VectorTable } from './vector-table.js'

/** Options of {@link vectorsOf}. */
export interface VectorsOptions {
  /**
   * The treatment of users and items that nobody met in training: `'leave-out'` leaves them out, as their vectors say
   * nothing, `'keep'` keeps them. A recommender with `coldStart: 'model'` knows all of them.
   *
   * @defaultValue `'leave-out'`
   */
  untrained?: 'leave-out' | 'keep'
}

/** Vectors of the users and items of a recommender. */
export interface RecommenderVectors<UserId extends Id = Id, ItemId extends Id = Id> {
  readonly users: VectorTable<UserId>
  readonly items: VectorTable<ItemId>
}

const schema = z.strictObject({
  untrained: z._default(
    z.enum(['leave-out', 'keep'], { error: "expected 'leave-out' or 'keep'" }),
    'leave-out',
  ),
})

/**
 * Takes the vectors of users and items from a recommender by embeddings: graph models and matrix factorizations. The
 * inner product of a user's and an item's vector and the item's bias, if the model has biases, is the score. Vectors of
 * a model of cosines have length 1; a factor on the scores is part of the vectors of users.
 *
 * @throws NotSupportedError when the recommender is of another kind
 * @throws InvalidOptionsError for a wrong option
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { EmbeddingRecommender } from '@gnnrec/serving'
 * import { vectorsOf } from '@gnnrec/serving/vectors'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new EmbeddingRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   embeddingDim: 2,
 *   userEmbeddings: Float32Array.of(1, 0, 0, 1),
 *   itemEmbeddings: Float32Array.of(1, 0, 0.5, 0.5),
 * })
 * const { items } = vectorsOf(recommender)
 * console.log(items.ids, items.rowAt(1)) // [ 'Alien', 'Brazil' ] { id: 'Brazil', vector: [ 0.5, 0.5 ] }
 * ```
 */
export function vectorsOf<UserId extends Id, ItemId extends Id>(
  recommender: { readonly users: IdMap<UserId>; readonly items: IdMap<ItemId> },
  options: VectorsOptions = {},
): RecommenderVectors<UserId, ItemId> {
  const { untrained } = parseOptions('vectorsOf', schema, options)
  const model = embeddingRecommender(recommender)
  const dim = model.embeddingDim
  const rows = model.scoredRows()
  const { users, items } = recommender
  const { scale, bias } = rows
  const cold = untrained === 'keep' ? undefined : rows.cold
  const keptUsers = keptRows(users.size, (user) => cold?.has('users', user) ?? false)
  const keptItems = keptRows(items.size, (item) => cold?.has('items', item) ?? false)
  const queries = gatherRows(rows.users, keptUsers, dim)
  return {
    users: new VectorTable({
      ids: idsAt(users, keptUsers),
      dim,
      vectors: scale === 1 ? queries : queries.map((value) => scale * value),
    }),
    items: new VectorTable({
      ids: idsAt(items, keptItems),
      dim,
      vectors: gatherRows(rows.items, keptItems, dim),
      bias: bias && Float32Array.from(keptItems, (item) => bias[item]),
    }),
  }
}

/** Returns a recommender of embeddings as such. @throws NotSupportedError when it is of another kind */
export function embeddingRecommender(recommender: unknown): EmbeddingRecommender {
  if (recommender instanceof EmbeddingRecommender) return recommender
  if (typeof recommender !== 'object' || recommender === null) {
    throw new InvalidOptionsError(
      `recommender: got ${recommender === null ? 'null' : typeof recommender}; expected an EmbeddingRecommender.`,
    )
  }
  throw new NotSupportedError(
    `A ${recommender.constructor.name} has no vectors: only an EmbeddingRecommender, such as graph models and matrix factorizations make with toRecommender, scores by inner products.`,
  )
}

function keptRows(count: number, isCold: (row: number) => boolean): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row).filter((row) => !isCold(row))
}

function idsAt<RowId extends Id>(ids: IdMap<RowId>, rows: Int32Array): RowId[] {
  return Array.from(rows, (row) => ids.idOf(row))
}
