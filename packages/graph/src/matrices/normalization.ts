import * as z from 'zod/mini'
import { SparseMatrix } from './sparse-matrix.js'

/** The way a matrix of the graph is scaled by the degrees of its nodes. */
export type Normalization = 'symmetric' | 'row' | 'column' | 'none'

/** Options of {@link BipartiteGraph.biadjacency}. */
export interface BiadjacencyOptions {
  /**
   * The way to scale: by both degrees, by those of rows or of columns, or not at all.
   *
   * @defaultValue 'symmetric'
   */
  normalization?: Normalization
  /**
   * The α that is added to every degree of the normalization, not to the matrix; finite, >= 0, and only 0
   * with `normalization: 'none'`.
   *
   * @defaultValue 0
   */
  regularization?: number
}

/** Options of {@link BipartiteGraph.adjacency}. */
export interface AdjacencyOptions extends BiadjacencyOptions {
  /**
   * True to add an edge from every node to itself (`A + I`, `D + I`).
   *
   * @defaultValue false
   */
  selfLoops?: boolean
}

const shape = {
  normalization: z._default(z.enum(['symmetric', 'row', 'column', 'none']), 'symmetric'),
  regularization: z._default(z.number().check(z.gte(0)), 0),
}

function regularizationIsRead(options: {
  normalization: Normalization
  regularization: number
}): boolean {
  return options.normalization !== 'none' || options.regularization === 0
}

const unreadRegularization = {
  path: ['regularization'],
  error: "normalization 'none' divides by no degree; leave it out or choose a normalization",
}

export const biadjacencyOptionsSchema = z
  .strictObject(shape)
  .check(z.refine(regularizationIsRead, unreadRegularization))

export const adjacencyOptionsSchema = z
  .strictObject({ ...shape, selfLoops: z._default(z.boolean(), false) })
  .check(z.refine(regularizationIsRead, unreadRegularization))

/** Divides the values of a matrix by degrees or their square roots, in float64. */
export function normalizedValues(
  matrix: SparseMatrix,
  rowDegrees: Float64Array,
  columnDegrees: Float64Array,
  normalization: Exclude<Normalization, 'none'>,
): Float32Array {
  const { rowPointers, columnIndices, values: given } = matrix
  const values = new Float32Array(matrix.nonZeros)
  for (let row = 0; row < matrix.rows; row++) {
    const rowDegree = rowDegrees[row]
    for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
      const columnDegree = columnDegrees[columnIndices[entry]]
      // The product commutes exactly, so a symmetric matrix stays symmetric to the last bit.
      const divisor =
        normalization === 'symmetric'
          ? Math.sqrt(rowDegree * columnDegree)
          : normalization === 'row'
            ? rowDegree
            : columnDegree
      values[entry] = given[entry] / divisor
    }
  }
  return values
}

/** Makes `A = [[0, R], [Rᵀ, 0]]`, or `A + I`, from a biadjacency. */
export function adjacencyOf(biadjacency: SparseMatrix, selfLoops: boolean): SparseMatrix {
  const userCount = biadjacency.rows
  const nodeCount = userCount + biadjacency.columns
  const rowPointers = new Int32Array(nodeCount + 1)
  const columnIndices = new Int32Array(2 * biadjacency.nonZeros + (selfLoops ? nodeCount : 0))
  // The places of loops stay 1.
  const values = new Float32Array(columnIndices.length).fill(1)
  let entry = 0
  const appendRow = (node: number, matrix: SparseMatrix, row: number, offset: number): void => {
    // The items of a user come after its own column, the users of an item before it.
    if (selfLoops && offset > 0) columnIndices[entry++] = node
    for (let from = matrix.rowPointers[row]; from < matrix.rowPointers[row + 1]; from++) {
      columnIndices[entry] = matrix.columnIndices[from] + offset
      values[entry++] = matrix.values[from]
    }
    if (selfLoops && offset === 0) columnIndices[entry++] = node
    rowPointers[node + 1] = entry
  }
  for (let user = 0; user < userCount; user++) appendRow(user, biadjacency, user, userCount)
  const transposed = biadjacency.transpose()
  for (let item = 0; item < transposed.rows; item++) {
    appendRow(userCount + item, transposed, item, 0)
  }
  return SparseMatrix.fromCsr(
    { rows: nodeCount, columns: nodeCount, rowPointers, columnIndices, values },
    { symmetric: true },
  )
}
