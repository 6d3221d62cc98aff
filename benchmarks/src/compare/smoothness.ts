import type { BipartiteGraph } from '@gnnrec/graph'

/** Rows of one layer, row-major, and their length. */
export interface LayerRows {
  readonly users: Float32Array
  readonly items: Float32Array
  readonly dim: number
}

/** How much the rows of a layer have become alike. */
export interface Smoothness {
  /** Mean cosine of all pairs of different nodes, a row of zeros having 0 with every other. */
  readonly meanCosine: number
  /**
   * tr(Xᵀ(I-Â)X) / ‖X‖²_F with Â = D^{-1/2} A D^{-1/2}, in 0..2: 0 for rows in proportion to the roots
   * of the degrees, which propagation ends in, 1 for rows that have nothing to do with the graph.
   */
  readonly dirichletEnergy: number
}

/** Measures all nodes, in one pass over nodes and edges. */
export function smoothness(graph: BipartiteGraph, { users, items, dim }: LayerRows): Smoothness {
  const nodes = graph.userCount + graph.itemCount
  const row = (side: Float32Array, index: number) => side.subarray(index * dim, (index + 1) * dim)
  const directions = new Float64Array(dim)
  let squares = 0
  let nonZero = 0
  for (const side of [users, items]) {
    for (let start = 0; start < side.length; start += dim) {
      const vector = side.subarray(start, start + dim)
      const square = dot(vector, vector)
      if (square === 0) continue
      squares += square
      nonZero++
      for (let c = 0; c < dim; c++) directions[c] += vector[c] / Math.sqrt(square)
    }
  }
  let neighbours = 0
  for (let user = 0; user < graph.userCount; user++) {
    for (const item of graph.userItems(user)) {
      const scale = Math.sqrt(graph.userDegrees[user] * graph.itemDegrees[item])
      neighbours += dot(row(users, user), row(items, item)) / scale
    }
  }
  return {
    // ‖Σ x/‖x‖‖² has the pairs of different nodes twice and each node with itself once.
    meanCosine: (dot(directions, directions) - nonZero) / (nodes * (nodes - 1)),
    dirichletEnergy: 1 - (2 * neighbours) / squares,
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c]
  return sum
}
