import type { InteractionLists } from '@gnnrec/graph'
import { finish, type LeastSquaresSolver, leastSquares } from '@gnnrec/graph/kernels'
import { foldInRidges, foldInRule, type LeastSquaresFoldIn } from '../../model-folder/fold-in.js'
import type { HistoryEmbedder } from './history-embedder.js'

/** Embeddings that solve the least squares which the embeddings of trained users solved. */
export class LeastSquaresEmbedder implements HistoryEmbedder {
  readonly isPart = false
  readonly #rule: LeastSquaresFoldIn
  readonly #items: Float32Array
  readonly #dim: number
  /** The solver with the items' embeddings, made when it is first needed. */
  #solver: LeastSquaresSolver | undefined

  /** @param items - the embeddings of the items, row-major, which are kept */
  constructor(rule: LeastSquaresFoldIn, items: Float32Array, dim: number) {
    this.#rule = rule
    this.#items = items
    this.#dim = dim
  }

  /** @throws InvalidOptionsError when the least squares of a history have no unique solution */
  embed({ pointers, items, weights }: InteractionLists, out: Float32Array): void {
    const ridges = foldInRidges(this.#rule, pointers, this.#items.length / this.#dim)
    finish(this.#ready().solve({ pointers, columns: items, values: weights, ridges }, out))
  }

  free(): void {
    this.#solver?.free()
    this.#solver = undefined
  }

  #ready(): LeastSquaresSolver {
    if (!this.#solver) {
      const solver = leastSquares(foldInRule(this.#rule, this.#dim))
      try {
        finish(solver.setTable(this.#items))
      } catch (error) {
        solver.free()
        throw error
      }
      this.#solver = solver
    }
    return this.#solver
  }
}
