import { rowsWith } from '../tables/rows-with.js'

/** Returns the rows of each part by their marks: 0 training, 1 validation, 2 test. Other rows are in no part. */
export function rowsOfParts(part: Uint8Array): {
  train: Int32Array
  validation: Int32Array
  test: Int32Array
} {
  return { train: rowsWith(part, 0), validation: rowsWith(part, 1), test: rowsWith(part, 2) }
}

/** The mark of a row that is in no part. */
export const noPart = 3
