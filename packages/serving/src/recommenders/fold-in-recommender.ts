import { type Id, type InteractionLists, parseOptions, sizeLimits } from '@gnnrec/graph'
import { finish, type LeastSquaresSolver, leastSquares } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import { type FoldIn, foldInRidges, foldInRule, foldInSchema } from '../model-folder/fold-in.js'
import { checkHistories } from './check-histories.js'
import { type ColdStart, coldStartSchema } from './cold-start.js'
import { EmbeddingRecommender, type EmbeddingRecommenderOptions } from './embedding-recommender.js'
import { recommenderPartsShape } from './recommender-parts.js'

/** Options of {@link FoldInRecommender}. */
export interface FoldInRecommenderOptions<UserId extends Id = Id, ItemId extends Id = Id>
  extends Omit<
    EmbeddingRecommenderOptions<UserId, ItemId>,
    'similarity' | 'scale' | 'itemBias' | 'copy'
  > {
  /** Length of one embedding, an integer in 1..2048. */
  embeddingDim: number
  /** The least squares that the embeddings of the users solve. */
  foldIn: FoldIn
}

const dimError = `expected an integer in 1..${sizeLimits.foldInDim}`
const floatsSchema = z.instanceof(Float32Array, { error: 'expected a Float32Array' })
const optionsSchema = z.strictObject({
  ...recommenderPartsShape,
  embeddingDim: z
    .number({ error: dimError })
    .check(z.int(dimError), z.gte(1, dimError), z.lte(sizeLimits.foldInDim, dimError)),
  userEmbeddings: floatsSchema,
  itemEmbeddings: floatsSchema,
  foldIn: foldInSchema,
  coldStart: coldStartSchema,
})

/**
 * A recommender by embeddings that alternating least squares has made. It answers as an `EmbeddingRecommender` does,
 * and besides for histories of anybody: the embedding of a history solves the same least squares as that of a user.
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { FoldInRecommender } from '@gnnrec/serving'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ben', item: 'Brazil' },
 * ])
 * const recommender = new FoldInRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   embeddingDim: 2,
 *   userEmbeddings: Float32Array.of(1, 0, 0, 1),
 *   itemEmbeddings: Float32Array.of(1, 0, 0.5, 0.5),
 *   foldIn: { convention: 'implicit', alpha: 3, l2Weight: 0.1 },
 * })
 * const scores = new Float32Array(2)
 * recommender.scoreHistories({ pointers: Int32Array.of(0, 1), items: Int32Array.of(1) }, scores)
 * console.log(scores)
 * ```
 */
export class FoldInRecommender<
  UserId extends Id = Id,
  ItemId extends Id = Id,
> extends EmbeddingRecommender<UserId, ItemId> {
  /** The least squares that the embeddings of the users solve. */
  readonly foldIn: FoldIn
  /** The solver with the items' embeddings, made when it is first needed. */
  #solver: LeastSquaresSolver | undefined

  /**
   * Checks the options and makes the recommender. The embeddings are kept and must not change afterwards.
   *
   * @throws InvalidOptionsError for a wrong or misspelt option
   * @throws ShapeMismatchError when an array does not fit the ids
   * @throws NonFiniteError naming the first row with a NaN or an infinite number
   */
  constructor(options: FoldInRecommenderOptions<UserId, ItemId>) {
    const checked = parseOptions('FoldInRecommender', optionsSchema, options)
    const { foldIn: _, ...parts } = options
    super({ ...parts, copy: false })
    this.foldIn = checked.foldIn
  }

  /**
   * Writes the scores of all items for histories of anybody, which need not be in the training data: one exact
   * solution of the least squares each. The items of a history are scored like all others; an empty history gives 0.
   *
   * @param histories - ascending, distinct item indices of each history, as `interactionLists` makes them
   * @param out - room for histories × items scores, row-major
   * @throws ShapeMismatchError when `out` is too short or a history is not in the form expected
   * @throws InvalidOptionsError when the least squares of a history have no unique solution
   */
  scoreHistories(histories: InteractionLists, out: Float32Array): void {
    checkHistories(histories, this.itemCount, out)
    const { pointers, items } = histories
    const table = new Float32Array((pointers.length - 1) * this.embeddingDim)
    const ridges = foldInRidges(this.foldIn, pointers, this.itemCount)
    finish(this.#itemSolver().solve({ pointers, columns: items, ridges }, table))
    this.scoreRows({ table, indices: Int32Array.from(ridges.keys()) }, undefined, out)
  }

  override withColdStart(coldStart: ColdStart): FoldInRecommender<UserId, ItemId> {
    const { users, items, seen, origin, embeddingDim, foldIn } = this
    const { users: userEmbeddings, items: itemEmbeddings } = this.rows
    return new FoldInRecommender({
      users,
      items,
      seen,
      origin,
      embeddingDim,
      userEmbeddings,
      itemEmbeddings,
      foldIn,
      coldStart,
    })
  }

  override dispose(): void {
    super.dispose()
    this.#solver?.free()
    this.#solver = undefined
  }

  protected override toParts() {
    const { score, ...parts } = super.toParts()
    return { ...parts, score: { ...score, foldIn: this.foldIn } }
  }

  #itemSolver(): LeastSquaresSolver {
    if (!this.#solver) {
      const solver = leastSquares(foldInRule(this.foldIn, this.embeddingDim))
      try {
        finish(solver.setTable(this.rows.items))
      } catch (error) {
        solver.free()
        throw error
      }
      this.#solver = solver
    }
    return this.#solver
  }
}
