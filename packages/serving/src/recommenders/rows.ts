import { type IdMap, NonFiniteError } from '@gnnrec/graph'

/** The rows at the given indices, packed. */
export function gatherRows(rows: Float32Array, indices: Int32Array, dim: number): Float32Array {
  const packed = new Float32Array(indices.length * dim)
  for (let r = 0; r < indices.length; r++) {
    packed.set(rows.subarray(indices[r] * dim, (indices[r] + 1) * dim), r * dim)
  }
  return packed
}

/** Rows of length 1 (Euclidean); a row of zeros stays zero. */
export function normalizeRows(rows: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(rows.length)
  for (let start = 0; start < rows.length; start += dim) {
    let squares = 0
    for (let d = start; d < start + dim; d++) squares += rows[d] * rows[d]
    if (squares === 0) continue
    const norm = Math.sqrt(squares)
    for (let d = start; d < start + dim; d++) unit[d] = rows[d] / norm
  }
  return unit
}

/** @throws NonFiniteError naming the first row that holds a NaN or an infinite number */
export function checkFinite(what: string, rows: Float32Array, dim: number, ids: IdMap): void {
  // A loop: `findIndex` takes six times as long for as many numbers as a large table has.
  let bad = 0
  while (bad < rows.length && Number.isFinite(rows[bad])) bad++
  if (bad === rows.length) return
  const row = Math.floor(bad / dim)
  throw new NonFiniteError(
    `${what} ${JSON.stringify(ids.idOf(row))} (row ${row}) holds ${rows[bad]}; the model has diverged or was never trained.`,
  )
}
