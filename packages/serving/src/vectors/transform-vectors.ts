import { type Id, InvalidOptionsError, ShapeMismatchError } from '@gnnrec/graph'
import { showValue } from '@gnnrec/graph/kernels'
import { lengthOf, type VectorMetric, vectorMetrics } from './metrics.js'
import { VectorTable } from './vector-table.js'

/** Items for an index of a metric, and the way to ask for them. */
export interface TransformedVectors<ItemId extends Id = Id> {
  /** The items, whose nearest rows by the metric are those with the highest scores. They have no bias. */
  readonly items: VectorTable<ItemId>
  /** Makes what the index is to be asked from the vector of a user. */
  toQuery(user: Float32Array): Float32Array
  /** Makes what the index is to be asked from the vectors of all users. */
  toQueries<UserId extends Id>(users: VectorTable<UserId>): VectorTable<UserId>
}

/**
 * Turns items whose scores are inner products into items that an index of another metric finds in the same order.
 *
 * A bias becomes one more number of the vector, and a query gets a 1 there. For `'cosine'` and `'l2'` one more number,
 * `sqrt(M² - |v|²)` with the length M of the longest vector, makes all vectors equally long, and a query gets a 0 there
 * (Bachrach et al. 2014, "Speeding Up the Xbox Recommender System Using a Euclidean Transformation for Inner-Product
 * Spaces"). The inner product of a query and an item stays the score.
 *
 * The order is exact where the search is. Graphs for approximate search find fewer of the best items in transformed vectors
 * than by the inner product itself, so take `'dot'` where an index has it.
 *
 * @throws InvalidOptionsError for another metric
 * @throws ShapeMismatchError when a vector of a user has another length than those of the items
 *
 * @example
 * ```ts
 * import { transformVectors, VectorTable } from '@gnnrec/serving/vectors'
 *
 * const items = new VectorTable({ ids: ['a', 'b'], dim: 2, vectors: Float32Array.of(3, 4, 0, 1) })
 * const euclidean = transformVectors(items, 'l2')
 * console.log(euclidean.items.vectors, euclidean.toQuery(Float32Array.of(1, 1)))
 * // 3, 4, 0 and 0, 1, 4.899, which are equally long; the query is 1, 1, 0
 * ```
 */
export function transformVectors<ItemId extends Id>(
  items: VectorTable<ItemId>,
  metric: VectorMetric,
): TransformedVectors<ItemId> {
  if (!vectorMetrics.includes(metric)) {
    throw new InvalidOptionsError(
      `metric: got ${showValue(metric)}; expected 'dot', 'cosine' or 'l2'.`,
    )
  }
  const extra = items.bias ? [1] : []
  const withBias = items.bias ? append(items.vectors, items.dim, items.bias) : items.vectors
  const isDone = items.metrics.includes(metric)
  const needsLength = metric !== 'dot' && !isDone
  const width = items.dim + extra.length
  if (needsLength) extra.push(0)
  const vectors = needsLength ? append(withBias, width, missingLengths(withBias, width)) : withBias
  const dim = items.dim + extra.length
  const toQuery = (user: Float32Array) => {
    if (user.length === items.dim) return Float32Array.of(...user, ...extra)
    throw new ShapeMismatchError(
      `A user's vector has ${user.length} numbers; expected ${items.dim}, as many as an item has.`,
    )
  }
  return {
    items: new VectorTable({ ids: items.ids, dim, vectors }),
    toQuery,
    toQueries: (users) => {
      const queries = new Float32Array(users.size * dim)
      for (let row = 0; row < users.size; row++) {
        queries.set(toQuery(users.vectorAt(row)), row * dim)
      }
      return new VectorTable({ ids: users.ids, dim, vectors: queries })
    },
  }
}

/** Appends a number to each row. */
function append(rows: Float32Array, dim: number, numbers: ArrayLike<number>): Float32Array {
  const wider = new Float32Array(numbers.length * (dim + 1))
  for (let row = 0; row < numbers.length; row++) {
    wider.set(rows.subarray(row * dim, (row + 1) * dim), row * (dim + 1))
    wider[row * (dim + 1) + dim] = numbers[row]
  }
  return wider
}

/** Returns the number that makes each row as long as the longest. */
function missingLengths(rows: Float32Array, dim: number): Float64Array {
  const lengths = Float64Array.from({ length: rows.length / dim }, (_, row) =>
    lengthOf(rows, row * dim, dim),
  )
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0)
  return lengths.map((length) => Math.sqrt(Math.max(0, (longest - length) * (longest + length))))
}
