import { rowsWith } from '../tables/rows-with.js'

/** Rows by the part that they are marked with: 0 training, 1 validation, 2 test; others are in none. */
export function rowsOfParts(part: Uint8Array): {
  train: Int32Array
  validation: Int32Array
  test: Int32Array
} {
  return { train: rowsWith(part, 0), validation: rowsWith(part, 1), test: rowsWith(part, 2) }
}

/** The mark of a row that is in no part. */
export const noPart = 3
