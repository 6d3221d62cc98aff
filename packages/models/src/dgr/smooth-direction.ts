import { type BipartiteGraph, SparseMatrix } from '@gnnrec/graph'
import { type NodeTensors, spmm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'

/** Number of parts of a sum over all nodes: parts are more exact than one sum, and run in parallel. */
const stretchCount = 64

/**
 * The smooth direction v = √d / √(Σ d) of a graph with the row sums d of A, a unit vector over users and items that
 * Â = D^{-1/2} A D^{-1/2} maps to itself. Without weights, Σ d is twice the number of edges.
 */
export class SmoothDirection {
  /** Entries of v for the users, a column for each part [userCount, stretchCount]. */
  readonly #users: SparseMatrix
  readonly #items: SparseMatrix
  /** Ones [stretchCount, stretchCount], which give each part the sum of all. */
  readonly #ones: SparseMatrix
  /** Σ d. */
  readonly #total: number

  constructor({ weightedUserDegrees, weightedItemDegrees }: BipartiteGraph) {
    const ofUsers = weightedUserDegrees.reduce((sum, degree) => sum + degree, 0)
    this.#users = inStretches(weightedUserDegrees, ofUsers)
    this.#items = inStretches(weightedItemDegrees, ofUsers)
    this.#ones = ones(stretchCount)
    this.#total = 2 * ofUsers
  }

  /** Computes x + weight · v vᵀx over users and items together, differentiable, in O(nodes · d). */
  add({ users, items }: NodeTensors, weight: number): NodeTensors {
    const sums = tf.add<tf.Tensor2D>(
      spmm(this.#users.transpose(), users),
      spmm(this.#items.transpose(), items),
    )
    const along = tf.mul<tf.Tensor2D>(spmm(this.#ones, sums), weight)
    return {
      users: tf.add(users, spmm(this.#users, along)),
      items: tf.add(items, spmm(this.#items, along)),
    }
  }

  /**
   * Computes weight · v vᵀx of some users and items, [k, d] and [n, d], where x are the values of all nodes.
   *
   * @param nodes - indices
   */
  ofNodes(
    { users, items }: NodeTensors,
    weight: number,
    nodes: { readonly users: Int32Array; readonly items: Int32Array },
  ): NodeTensors {
    const sums = tf.add<tf.Tensor2D>(
      spmm(this.#users.transpose(), users),
      spmm(this.#items.transpose(), items),
    )
    const along = tf.mul<tf.Tensor2D>(tf.sum(sums, 0, true), weight)
    const rows = ({ values }: SparseMatrix, indices: Int32Array): tf.Tensor2D => {
      const own = Float32Array.from(indices, (index) => values[index])
      return tf.mul(tf.tensor2d(own, [own.length, 1]), along)
    }
    return { users: rows(this.#users, nodes.users), items: rows(this.#items, nodes.items) }
  }

  /** Computes weight · vᵀx / √(Σ d) [d], of which a node of degree d gets √d times in {@link add}. */
  perRootDegree({ users, items }: NodeTensors, weight: number): tf.Tensor1D {
    const sums = tf.add<tf.Tensor2D>(
      spmm(this.#users.transpose(), users),
      spmm(this.#items.transpose(), items),
    )
    return tf.mul(tf.sum(sums, 0), weight / Math.sqrt(this.#total))
  }

  /** Frees the memory that backends hold. */
  dispose(): void {
    for (const matrix of [this.#users, this.#items, this.#ones]) matrix.dispose()
  }
}

function inStretches(degrees: Float64Array, ofOneSide: number): SparseMatrix {
  const rows = degrees.length
  const stretch = Math.ceil(rows / stretchCount)
  return SparseMatrix.fromCsr({
    rows,
    columns: stretchCount,
    rowPointers: Int32Array.from({ length: rows + 1 }, (_, row) => row),
    columnIndices: Int32Array.from(degrees, (_, row) => Math.floor(row / stretch)),
    values: Float32Array.from(degrees, (degree) => Math.sqrt(degree / (2 * ofOneSide))),
  })
}

function ones(size: number): SparseMatrix {
  return SparseMatrix.fromCsr({
    rows: size,
    columns: size,
    rowPointers: Int32Array.from({ length: size + 1 }, (_, row) => row * size),
    columnIndices: Int32Array.from({ length: size * size }, (_, entry) => entry % size),
    values: new Float32Array(size * size).fill(1),
  })
}
