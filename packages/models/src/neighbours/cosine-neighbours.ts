import type { SparseMatrix, TimeSlice } from '@gnnrec/graph'
import { largestEntries } from './largest-entries.js'
import { ProductRows, squaredNorms } from './product-rows.js'

/** Options of {@link cosineNeighbours}. */
interface CosineNeighboursOptions {
  /** Most neighbours of a node. */
  readonly neighbours: number
  /** Added to the norms. */
  readonly shrinkage: number
  /** Name of the model, for errors. */
  readonly model: string
  /** The nodes that are compared. */
  readonly nodes: 'items' | 'users'
}

/**
 * Computes the shrunk cosine similarity `a·b / (|a| |b| + shrinkage)` of the rows of a matrix with their nearest
 * others, a node's own in its row.
 *
 * Time: O(Σ_c d_c²) for columns with d_c entries and a sort of the rows that a row meets, row by row; memory: that of
 * the result, twice.
 *
 * @param matrix - a row for each node, with values from 0 up
 * @throws ModelTooLargeError, before anything is allocated, when the machine could not hold the neighbours
 */
export async function cosineNeighbours(
  matrix: SparseMatrix,
  { neighbours, shrinkage, model, nodes }: CosineNeighboursOptions,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const product = new ProductRows(matrix, matrix.transpose())
  const { rows: order } = matrix
  const squares = squaredNorms(matrix)
  const similarities = new Float32Array(order)
  const rowOf = (row: number) => {
    const columns = product.compute(row).sort()
    for (let place = 0; place < columns.length; place++) {
      const other = columns[place]
      const norms = Math.sqrt(squares[row] * squares[other])
      similarities[place] = other === row ? 0 : product.values[other] / (norms + shrinkage)
    }
    return { columns, values: similarities.subarray(0, columns.length) }
  }
  const mostOf = (row: number) => product.mostOthers(row)
  return largestEntries({ order, rowOf, mostOf }, { neighbours, model, nodes }, slice)
}
