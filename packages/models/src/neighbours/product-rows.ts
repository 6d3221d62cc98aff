import type { BipartiteGraph, SparseMatrix } from '@gnnrec/graph'

/** A computer of the rows of a product of sparse matrices, one after another, without the whole product. */
export class ProductRows {
  /** The entries of the row computed last, by column, in float64; others are not to be read. */
  readonly values: Float64Array
  readonly #left: SparseMatrix
  readonly #right: SparseMatrix
  readonly #touched: Int32Array
  /** One more than the row that has touched a column last. */
  readonly #touchedBy: Int32Array

  constructor(left: SparseMatrix, right: SparseMatrix) {
    this.#left = left
    this.#right = right
    this.values = new Float64Array(right.columns)
    this.#touched = new Int32Array(right.columns)
    this.#touchedBy = new Int32Array(right.columns)
  }

  /** Returns the rows of `RᵀR`: without weights the numbers of users who met both of two items. */
  static ofItems(graph: BipartiteGraph): ProductRows {
    const met = graph.biadjacency({ normalization: 'none' })
    return new ProductRows(met.transpose(), met)
  }

  /** Returns a number of entries beside the diagonal that a row of a matrix times its transpose does not exceed. */
  mostOthers(row: number): number {
    const { rowPointers: leftPointers, columnIndices } = this.#left
    const { rowPointers } = this.#right
    let most = 0
    for (let entry = leftPointers[row]; entry < leftPointers[row + 1]; entry++) {
      const middle = columnIndices[entry]
      most += rowPointers[middle + 1] - rowPointers[middle] - 1
    }
    return most
  }

  /**
   * Computes a row. Each entry is summed in ascending order of the columns of the left matrix.
   *
   * @returns the columns that have an entry, in no order; valid until the next call
   */
  compute(row: number): Int32Array {
    const { rowPointers: leftPointers, columnIndices: leftColumns, values: factors } = this.#left
    const { rowPointers, columnIndices, values } = this.#right
    const sums = this.values
    const touched = this.#touched
    const touchedBy = this.#touchedBy
    let count = 0
    for (let entry = leftPointers[row]; entry < leftPointers[row + 1]; entry++) {
      const factor = factors[entry]
      const middle = leftColumns[entry]
      for (let p = rowPointers[middle]; p < rowPointers[middle + 1]; p++) {
        const column = columnIndices[p]
        if (touchedBy[column] !== row + 1) {
          touchedBy[column] = row + 1
          touched[count++] = column
          sums[column] = 0
        }
        sums[column] += factor * values[p]
      }
    }
    return touched.subarray(0, count)
  }
}

/** Returns the diagonal of `RᵀR` in float64, without weights the degrees of items. */
export function gramDiagonal(graph: BipartiteGraph): Float64Array {
  return squaredNorms(graph.biadjacency({ normalization: 'none' }).transpose())
}

/** Returns the squared length of each row in float64. */
export function squaredNorms({ rows, rowPointers, values }: SparseMatrix): Float64Array {
  const squares = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      squares[row] += values[entry] ** 2
    }
  }
  return squares
}
