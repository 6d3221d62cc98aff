import type { BipartiteGraph } from '@gnnrec/graph'

/** A counter of the rows of `RᵀR`, one after another, without the matrix. */
export class CoOccurrence {
  /** Numbers of users that met both items, for the row counted last; the item itself counts. */
  readonly counts: Int32Array
  readonly #graph: BipartiteGraph
  readonly #met: Int32Array
  #metCount = 0

  constructor(graph: BipartiteGraph) {
    this.#graph = graph
    this.counts = new Int32Array(graph.itemCount)
    this.#met = new Int32Array(graph.itemCount)
  }

  /**
   * Counts the row of an item. O(sum of the degrees of its users), hence `Σ_u d_u²` for all items.
   *
   * @returns the items whose count is not zero, in no order; valid until the next call
   */
  countRow(item: number): Int32Array {
    const counts = this.counts
    const met = this.#met
    for (let m = 0; m < this.#metCount; m++) counts[met[m]] = 0
    const { pointers, items } = this.#graph.interactions
    let metCount = 0
    for (const user of this.#graph.itemUsers(item)) {
      const end = pointers[user + 1]
      for (let p = pointers[user]; p < end; p++) {
        const other = items[p]
        if (counts[other]++ === 0) met[metCount++] = other
      }
    }
    this.#metCount = metCount
    return met.subarray(0, metCount)
  }
}

/** Computes RᵀR·1: for each item the sum of the degrees of its users. */
export function coOccurrenceTotals({
  userDegrees,
  interactions,
  itemCount,
}: BipartiteGraph): Float64Array {
  const { pointers, items } = interactions
  const totals = new Float64Array(itemCount)
  for (let user = 0; user < userDegrees.length; user++) {
    for (let p = pointers[user]; p < pointers[user + 1]; p++) totals[items[p]] += userDegrees[user]
  }
  return totals
}
