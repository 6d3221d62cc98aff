import { type IdMap, NonFiniteError } from '@gnnrec/graph'

/** Copies the rows at the given indices, one after the other. */
export function gatherRows(rows: Float32Array, indices: Int32Array, dim: number): Float32Array {
  const packed = new Float32Array(indices.length * dim)
  for (let r = 0; r < indices.length; r++) {
    packed.set(rows.subarray(indices[r] * dim, (indices[r] + 1) * dim), r * dim)
  }
  return packed
}

/** Scales each row to the Euclidean length 1; a row of zeros stays zero. */
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

/**
 * Checks that rows hold finite numbers only.
 *
 * @param what - words for a row, which its id follows, such as `'The embedding of user'`
 * @param ids - the ids of the rows
 * @throws NonFiniteError naming the first row that holds a NaN or an infinite number
 *
 * @example
 * ```ts
 * import { IdMap } from '@gnnrec/graph'
 * import { checkFinite } from '@gnnrec/serving/model-folder'
 *
 * const users = IdMap.from(['ann', 'ben'])
 * try {
 *   checkFinite('The embedding of user', Float32Array.of(1, 2, Number.NaN, 4), 2, users)
 * } catch (error) {
 *   console.log((error as Error).message)
 * }
 * ```
 */
export function checkFinite(what: string, rows: Float32Array, dim: number, ids: IdMap): void {
  // `findIndex` would take six times as long on a large table.
  let bad = 0
  while (bad < rows.length && Number.isFinite(rows[bad])) bad++
  if (bad === rows.length) return
  const row = Math.floor(bad / dim)
  throw new NonFiniteError(
    `${what} ${JSON.stringify(ids.idOf(row))} (row ${row}) holds ${rows[bad]}; the model has diverged or was never trained.`,
  )
}
