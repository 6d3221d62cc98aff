import { FileFormatError } from '../errors.js'

/** A file may always have as many rows, however small it is. */
const harmlessRows = 5_000_000

/** A table takes 20 bytes a row, and may take 250 times the size of its file, as text may. */
const rowsPerByte = 250 / 20

/**
 * Checks the number of rows of a file against the given limit, or else against its size.
 *
 * @throws FileFormatError when there are too many rows
 */
export function rejectManyRows(
  file: string,
  rows: number,
  bytes: number,
  maxRows: number | undefined,
): void {
  const most = maxRows ?? Math.max(harmlessRows, Math.floor(rowsPerByte * bytes))
  if (rows <= most) return
  const reason =
    maxRows === undefined
      ? `a file of ${bytes} bytes may have ${most} rows, because more are a sign of a decompression bomb. If you trust it, pass maxRows`
      : `maxRows is ${maxRows}. Raise it to read them`
  throw new FileFormatError(file, undefined, `got ${rows} rows or more; ${reason}.`)
}
