import { SparseMatrix } from '@gnnrec/graph'

/** The entries of a row. */
export interface MatrixRow {
  /** Ascending. */
  readonly columns: Int32Array
  readonly values: Float32Array
}

/** Makes a square matrix of rows that are computed one after another. */
export async function matrixOfRows(
  order: number,
  rowOf: (row: number) => MatrixRow | Promise<MatrixRow>,
): Promise<SparseMatrix> {
  const rowPointers = new Int32Array(order + 1)
  const columns: Int32Array[] = []
  const values: Float32Array[] = []
  for (let row = 0; row < order; row++) {
    const entries = await rowOf(row)
    columns.push(entries.columns)
    values.push(entries.values)
    rowPointers[row + 1] = rowPointers[row] + entries.columns.length
  }
  return SparseMatrix.fromCsr({
    rows: order,
    columns: order,
    rowPointers,
    columnIndices: concatenated(columns, new Int32Array(rowPointers[order])),
    values: concatenated(values, new Float32Array(rowPointers[order])),
  })
}

function concatenated<Data extends Int32Array | Float32Array>(
  parts: readonly Data[],
  whole: Data,
): Data {
  let start = 0
  for (const part of parts) {
    whole.set(part, start)
    start += part.length
  }
  return whole
}
