import { ShapeMismatchError } from '../errors.js'
import type { LeastSquaresRows } from './least-squares-solver.js'

/** Multiplications of about 20 ms on one thread with SIMD. */
export const multiplicationsPerBatch = 2 ** 26
/** Most entries of a batch, unless a single row has more. */
const mostEntries = 2 ** 21
/** Most rows of a batch. */
const mostRows = 2 ** 14
/** Multiplications that take as long as copying one number of a row to the kernels and back, about. */
const perCopy = 8

/**
 * Returns the row after those that are solved together from `first` on: one, or as many as take about 20 ms.
 *
 * @param dim - length of a row in kernel memory
 * @param block - number of coordinates that are solved at a time, at most `dim`
 */
export function batchEnd(
  { pointers }: LeastSquaresRows,
  first: number,
  dim: number,
  block: number,
  threads: number,
): number {
  const perEntry = dim * (block / 2 + 8)
  const perRow = dim * dim + (dim * block * block) / 6
  const end = Math.min(pointers.length - 1, first + mostRows)
  let multiplications = 0
  let row = first
  while (row < end) {
    const entries = pointers[row + 1] - pointers[row]
    multiplications += perCopy * dim
    if (entries > 0) multiplications += perRow + entries * perEntry
    const isFull =
      multiplications > threads * multiplicationsPerBatch ||
      pointers[row + 1] - pointers[first] > mostEntries
    if (isFull && row > first) break
    row++
  }
  return row
}

/** Checks the sizes and columns of rows, which kernels trust. @throws ShapeMismatchError when they do not fit */
export function checkRows(
  { pointers, columns, values, ridges }: LeastSquaresRows,
  tableRows: number,
  dim: number,
  out: Float32Array,
): void {
  const count = pointers.length - 1
  const fits =
    pointers[0] === 0 &&
    pointers[count] === columns.length &&
    pointers.every((pointer, row) => row === 0 || pointer >= pointers[row - 1]) &&
    columns.every((column) => column >= 0 && column < tableRows) &&
    (!values || values.length === columns.length) &&
    ridges.length === count &&
    out.length === count * dim
  if (fits) return
  throw new ShapeMismatchError(
    `Got ${count} rows of least squares whose entries, ridges or room do not fit ${tableRows} rows of ${dim} numbers.`,
  )
}
