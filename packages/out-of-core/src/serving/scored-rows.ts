import { InvalidOptionsError } from '@gnnrec/graph'
import type { BlockTable } from '../cache/block-table.js'

/**
 * Reads some rows of a table as scores use them: scaled to length 1 for cosines.
 *
 * @throws InvalidOptionsError when there is no such row
 */
export function scoredRows(table: BlockTable, indices: Int32Array, cosine: boolean): Float32Array {
  const { rows: count, columns } = table.shape
  for (const index of indices) {
    if (index >= 0 && index < count) continue
    throw new InvalidOptionsError(`Got the index ${index}; expected one of 0..${count - 1}.`)
  }
  const rows = new Float32Array(indices.length * columns)
  table.gather(indices, rows)
  return cosine ? unitRows(rows, columns) : rows
}

/** Scales rows to length 1, as `EmbeddingRecommender`; a row of zeros stays zero. */
function unitRows(rows: Float32Array, columns: number): Float32Array {
  for (let start = 0; start < rows.length; start += columns) {
    let squares = 0
    for (let d = start; d < start + columns; d++) squares += rows[d] * rows[d]
    if (squares === 0) continue
    const norm = Math.sqrt(squares)
    for (let d = start; d < start + columns; d++) rows[d] /= norm
  }
  return rows
}
