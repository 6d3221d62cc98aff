import {
  type Id,
  type InteractionLists,
  parseOptions,
  ShapeMismatchError,
  SparseMatrix,
  topK,
} from '@gnnrec/graph'
import * as z from 'zod/mini'
import { type ColdStart, coldStartSchema } from './cold-start.js'
import { NotSupportedError } from './errors.js'
import { HistoryRecommender } from './history-recommender.js'
import type { LiftingItems } from './lift-item.js'
import { type RecommenderParts, recommenderPartsShape } from './recommender-parts.js'
import { someHistories } from './some-histories.js'

/** Options of {@link UserSimilarityRecommender}. */
export interface UserSimilarityRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends RecommenderParts<UserId, ItemId> {
  /**
   * The matrix of users × users similarities: the entry (u, v) is added to the scores that user u gives to the items
   * of user v. It is kept, not copied.
   */
  similarities: SparseMatrix
  /** Most users that a history which is not in training is compared with, an integer from 1 up. */
  neighbours: number
  /** Added to the norms when such a history is compared, finite, from 0 up. */
  shrinkage: number
  /**
   * The treatment of users and items without seen items or users, for whom all scores are zero. `'popularity'`
   * answers for them with the items that most users have seen, and marks these answers.
   *
   * @defaultValue `'popularity'`
   */
  coldStart?: ColdStart
}

const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  similarities: z.custom<SparseMatrix>((value) => value instanceof SparseMatrix, {
    error: 'expected a SparseMatrix',
  }),
  neighbours: z.int().check(z.gte(1)),
  shrinkage: z.number().check(z.gte(0)),
  coldStart: coldStartSchema,
})

/**
 * A recommender by a matrix S of similarities between users: the score of item i for user u is `Σ_v S[u, v]` over the
 * users v that met i, summed in float32 by ascending v. Trained UserKnn models become recommenders of this kind.
 *
 * A history that is not in training is compared with the users' histories: user v is similar to it by
 * `c_v / (√(n n_v) + shrinkage)`, with the number n of its items, n_v of those of v, and c_v of those in both. The
 * `neighbours` most similar users count, of equally similar ones the lower indices.
 *
 * When histories have weights, n and n_v are sums of squared weights, c_v is the sum of products of weights over common
 * items, and the score is `Σ_v S[u, v] w_vi` with the weights of seen items.
 *
 * The users similar to u are ranked by row u of S.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists, SparseMatrix } from '@gnnrec/graph'
 * import { UserSimilarityRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new UserSimilarityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   similarities: SparseMatrix.fromCoordinates({
 *     rows: 2,
 *     columns: 2,
 *     rowIndices: [0, 1],
 *     columnIndices: [1, 0],
 *     values: [0.5, 0.5],
 *   }),
 *   neighbours: 1,
 *   shrinkage: 0,
 * })
 * console.log(recommender.recommend('ann', { k: 1 }).items) // ['Brazil']
 * ```
 */
export class UserSimilarityRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends HistoryRecommender<UserId, ItemId> {
  /** Most users that a history which is not in training is compared with. */
  readonly neighbours: number
  /** Added to the norms when such a history is compared. */
  readonly shrinkage: number
  readonly #similarities: SparseMatrix
  #usersOfItems: InteractionLists | undefined
  /** The sum of the squared weights of each user's items; without weights their number. */
  #squares: Float64Array | undefined

  /**
   * Checks the options and makes the recommender.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   */
  constructor(options: UserSimilarityRecommenderOptions<UserId, ItemId>) {
    const { similarities, neighbours, shrinkage, coldStart } = parseOptions(
      'UserSimilarityRecommender',
      optionsSchema,
      options,
    )
    super(options, 'user-similarity', coldStart)
    const count = this.userCount
    if (similarities.rows !== count || similarities.columns !== count) {
      throw new ShapeMismatchError(
        `similarities is ${similarities.rows} × ${similarities.columns}; expected ${count} × ${count} for ${count} users.`,
      )
    }
    this.#similarities = similarities
    this.neighbours = neighbours
    this.shrinkage = shrinkage
  }

  override withColdStart(coldStart: ColdStart): UserSimilarityRecommender<UserId, ItemId> {
    const { neighbours, shrinkage } = this
    return new UserSimilarityRecommender({
      ...this.common,
      similarities: this.#similarities,
      neighbours,
      shrinkage,
      coldStart,
    })
  }

  protected override scoreItems(
    users: Int32Array,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const { rowPointers, columnIndices, values } = this.#similarities
    this.#addRows(users.length, items, out, (row) => {
      const [start, end] = [rowPointers[users[row]], rowPointers[users[row] + 1]]
      return { users: columnIndices.subarray(start, end), values: values.subarray(start, end) }
    })
  }

  protected override scoreLists(
    histories: InteractionLists,
    items: Int32Array | undefined,
    out: Float32Array,
  ): void {
    const common = new Float64Array(this.userCount)
    this.#addRows(histories.pointers.length - 1, items, out, (row) =>
      this.#nearest(someHistories(histories, row, row + 1), common),
    )
  }

  /** Writes the sums of the items of similar users, row after row. */
  #addRows(
    count: number,
    items: Int32Array | undefined,
    out: Float32Array,
    similarTo: (row: number) => SimilarUsers,
  ): void {
    const { pointers, items: seen, weights } = this.seen
    const width = items ? items.length : this.itemCount
    const some = items ? new Float32Array(this.itemCount) : undefined
    for (let row = 0; row < count; row++) {
      const scores = out.subarray(row * width, (row + 1) * width)
      const all = some ?? scores
      all.fill(0)
      const { users, values } = similarTo(row)
      for (let place = 0; place < users.length; place++) {
        const end = pointers[users[place] + 1]
        const value = values[place]
        for (let p = pointers[users[place]]; p < end; p++) {
          all[seen[p]] += weights ? value * weights[p] : value
        }
      }
      if (items) for (let place = 0; place < width; place++) scores[place] = all[items[place]]
    }
  }

  /**
   * Finds the users most similar to a history.
   *
   * @param common - one 0 per user; it is so again afterwards
   */
  #nearest({ items, weights }: InteractionLists, common: Float64Array): SimilarUsers {
    this.#usersOfItems ??= usersOfItems(this.seen, this.itemCount)
    this.#squares ??= squaredNorms(this.seen)
    const { pointers, items: users, weights: shares } = this.#usersOfItems
    const squares = this.#squares
    const met: number[] = []
    let norm = 0
    items.forEach((item, place) => {
      const weight = weights ? weights[place] : 1
      norm += weight * weight
      for (let p = pointers[item]; p < pointers[item + 1]; p++) {
        if (common[users[p]] === 0) met.push(users[p])
        common[users[p]] += shares ? weight * shares[p] : weight
      }
    })
    const others = Int32Array.from(met).sort()
    const similarities = new Float32Array(others.length)
    others.forEach((user, place) => {
      similarities[place] = common[user] / (Math.sqrt(norm * squares[user]) + this.shrinkage)
      common[user] = 0
    })
    if (others.length <= this.neighbours) return { users: others, values: similarities }
    const places = topK(similarities, this.neighbours).items.sort()
    return {
      users: places.map((place) => others[place]),
      values: Float32Array.from(places, (place) => similarities[place]),
    }
  }

  /** Takes the items that users met together with one. */
  protected override liftingItems(item: number): LiftingItems {
    this.#usersOfItems ??= usersOfItems(this.seen, this.itemCount)
    const { pointers, items } = this.seen
    const { pointers: starts, items: users } = this.#usersOfItems
    const values = new Float32Array(this.itemCount)
    for (let place = starts[item]; place < starts[item + 1]; place++) {
      const user = users[place]
      for (let p = pointers[user]; p < pointers[user + 1]; p++) values[items[p]]++
    }
    return {
      method: 'tried',
      values: values.map((together) => (together === 0 ? Number.NEGATIVE_INFINITY : together)),
    }
  }

  protected override similarities(side: 'users' | 'items', index: number): Float32Array {
    if (side === 'items') {
      throw new NotSupportedError(
        'This model knows similarities between users only, so no similar items; use a model such as ItemKnn or LightGcn.',
      )
    }
    const { rowPointers, columnIndices, values } = this.#similarities
    const row = new Float32Array(this.userCount).fill(Number.NEGATIVE_INFINITY)
    for (let entry = rowPointers[index]; entry < rowPointers[index + 1]; entry++) {
      row[columnIndices[entry]] = values[entry]
    }
    return row
  }

  protected override servingWithoutUsers(): never {
    throw new NotSupportedError(
      'users: false is not possible: this recommender answers from the histories of all users, with whom it compares others.',
    )
  }

  protected override toParts() {
    const { rowPointers, columnIndices, values, nonZeros } = this.#similarities
    const { neighbours, shrinkage } = this
    return {
      kind: 'user-similarity' as const,
      score: {
        similarity: 'cosine' as const,
        scale: 1,
        itemBias: false,
        userSimilarity: { neighbours, shrinkage },
        ...(this.coldStart === 'model' && { coldStart: this.coldStart }),
      },
      serving: new Map<string, { shape: number[]; data: Float32Array | Int32Array }>([
        ['rowPointers', { shape: [this.userCount + 1], data: rowPointers }],
        ['columnIndices', { shape: [nonZeros], data: columnIndices }],
        ['values', { shape: [nonZeros], data: values }],
      ]),
    }
  }
}

/** Users, ascending, and how similar they are. */
interface SimilarUsers {
  readonly users: Int32Array
  readonly values: Float32Array
}

/** Returns the squared length of each user's row. */
function squaredNorms({ pointers, weights }: InteractionLists): Float64Array {
  const squares = new Float64Array(pointers.length - 1)
  for (let user = 0; user < squares.length; user++) {
    const [start, end] = [pointers[user], pointers[user + 1]]
    squares[user] = weights
      ? weights.subarray(start, end).reduce((sum, weight) => sum + weight ** 2, 0)
      : end - start
  }
  return squares
}

/** Lists the users of each item, ascending, in `items` of the result, with the weights of seen items. */
function usersOfItems(seen: InteractionLists, itemCount: number): InteractionLists {
  const pointers = new Int32Array(itemCount + 1)
  for (const item of seen.items) pointers[item + 1]++
  for (let item = 0; item < itemCount; item++) pointers[item + 1] += pointers[item]
  const next = pointers.slice(0, itemCount)
  const users = new Int32Array(seen.items.length)
  const weights = seen.weights && new Float32Array(users.length)
  for (let user = 0; user < seen.pointers.length - 1; user++) {
    for (let p = seen.pointers[user]; p < seen.pointers[user + 1]; p++) {
      const place = next[seen.items[p]]++
      users[place] = user
      if (weights && seen.weights) weights[place] = seen.weights[p]
    }
  }
  return { pointers, items: users, ...(weights && { weights }) }
}
