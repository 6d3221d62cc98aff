import { SparseMatrix, type TimeSlice, topK } from '@gnnrec/graph'

/** The entries of a row that are chosen from. */
interface CandidateRow {
  /** Ascending columns. */
  readonly columns: Int32Array
  /** The value of each column. */
  readonly values: Float32Array
}

/**
 * Makes a square matrix of the largest entries above 0 of each row; of equal ones those of the lower columns.
 *
 * @param rowOf - returns the entries of a row, which are read before it is called for the next one
 */
export async function largestEntries(
  order: number,
  count: number,
  rowOf: (row: number) => CandidateRow,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const rowPointers = new Int32Array(order + 1)
  const columns: Int32Array[] = []
  const values: Float32Array[] = []
  for (let row = 0; row < order; row++) {
    if (slice.isOver()) await slice.next()
    const candidates = rowOf(row)
    const kept = largestPlaces(candidates.values, count)
    columns.push(kept.map((place) => candidates.columns[place]))
    values.push(Float32Array.from(kept, (place) => candidates.values[place]))
    rowPointers[row + 1] = rowPointers[row] + kept.length
  }
  return SparseMatrix.fromCsr({
    rows: order,
    columns: order,
    rowPointers,
    columnIndices: concatenated(columns, new Int32Array(rowPointers[order])),
    values: concatenated(values, new Float32Array(rowPointers[order])),
  })
}

/** Returns the places of the largest values above 0, ascending. */
function largestPlaces(values: Float32Array, count: number): Int32Array {
  if (values.length === 0) return new Int32Array()
  const { items, scores } = topK(values, Math.min(count, values.length))
  const zero = scores.findIndex((score) => !(score > 0))
  return items.subarray(0, zero === -1 ? items.length : zero).sort()
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
