import type { BipartiteGraph, SparseMatrix, TimeSlice } from '@gnnrec/graph'
import { gramDiagonal, ProductRows } from '../neighbours/product-rows.js'

/** Settings of {@link ColumnSolver}. */
interface ColumnSettings {
  readonly l1Weight: number
  readonly l2Weight: number
  /** Most that a weight may change in the last sweep over the weights of a column. */
  readonly tolerance: number
  /** Most sweeps over the weights of a column. */
  readonly iterations: number
}

/** The weights of the items that may have any. */
interface Column {
  /** Ascending. */
  readonly columns: Int32Array
  readonly values: Float32Array
}

/** A solver of SLIM's problem for one column after another, by coordinate descent. */
export class ColumnSolver {
  /** Number of columns whose weights still changed by more than the tolerance at the end. */
  unfinished = 0
  readonly #settings: ColumnSettings
  readonly #product: ProductRows
  readonly #usersOfItems: SparseMatrix
  /** Entry i of the diagonal of RᵀR. */
  readonly #squares: Float64Array
  /** Entry u of `Rⱼ - R w`. */
  readonly #rest: Float64Array

  constructor(graph: BipartiteGraph, settings: ColumnSettings) {
    this.#settings = settings
    this.#product = ProductRows.ofItems(graph)
    this.#usersOfItems = graph.biadjacency({ normalization: 'none' }).transpose()
    this.#squares = gramDiagonal(graph)
    this.#rest = new Float64Array(graph.userCount)
  }

  /** Returns a number of items that those with a weight for the score of one do not exceed. */
  mostCandidates(target: number): number {
    return this.#product.mostOthers(target)
  }

  /** Returns the weights of other items for the score of one. */
  async solve(target: number, slice: TimeSlice): Promise<Column> {
    const { tolerance, iterations } = this.#settings
    const items = this.#candidates(target)
    const weights = new Float64Array(items.length)
    const all = Int32Array.from(items.keys())
    this.#start(target)
    // Sweeps over the weights above 0 are cheap. Once these rest, one over all tells whether they may.
    let places = all
    let change = 0
    for (let sweep = 0; sweep < iterations; sweep++) {
      if (slice.isOver()) await slice.next()
      change = this.#sweep(items, weights, places)
      if (change <= tolerance && places === all) break
      places = change <= tolerance ? all : all.filter((place) => weights[place] > 0)
    }
    if (change > tolerance || places !== all) this.unfinished++
    return { columns: items, values: Float32Array.from(weights) }
  }

  /**
   * Returns the items that may have a weight, ascending. R and weights are not negative, so an item whose entry of
   * RᵀR with the target is at most `l1Weight` has none; without weights of edges, one that so many users met together
   * with the target.
   */
  #candidates(target: number): Int32Array {
    const counts = this.#product.values
    const others = this.#product.compute(target)
    return others.filter((item) => item !== target && counts[item] > this.#settings.l1Weight).sort()
  }

  #start(target: number): void {
    const { rowPointers, columnIndices, values } = this.#usersOfItems
    this.#rest.fill(0)
    for (let p = rowPointers[target]; p < rowPointers[target + 1]; p++) {
      this.#rest[columnIndices[p]] = values[p]
    }
  }

  /** Makes the weights at some places the best ones, one after another; returns the largest change. */
  #sweep(items: Int32Array, weights: Float64Array, places: Int32Array): number {
    const { l1Weight, l2Weight } = this.#settings
    const { rowPointers, columnIndices: users, values } = this.#usersOfItems
    const rest = this.#rest
    let change = 0
    for (let p = 0; p < places.length; p++) {
      const place = places[p]
      const start = rowPointers[items[place]]
      const end = rowPointers[items[place] + 1]
      let slope = 0
      for (let entry = start; entry < end; entry++) slope += values[entry] * rest[users[entry]]
      const square = this.#squares[items[place]]
      const old = weights[place]
      const best = Math.max(0, (slope + square * old - l1Weight) / (square + l2Weight))
      const step = best - old
      if (step === 0) continue
      weights[place] = best
      for (let entry = start; entry < end; entry++) rest[users[entry]] -= step * values[entry]
      change = Math.max(change, Math.abs(step))
    }
    return change
  }
}
