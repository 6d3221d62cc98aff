import { FileFormatError } from '../errors.js'
import type { OpenedSource } from '../sources/file-source.js'
import { type RecordFormat, RecordScanner, type RecordView } from './record-scanner.js'

/**
 * Calls `onRecord` for every record of a delimited file while the file is read, and `afterPiece` when the
 * records of a piece of the file are through. In the result, `isUtf8` is true when the text has characters
 * beyond ASCII and all are valid UTF-8.
 *
 * @throws FileFormatError when a record has another number of fields than the first, quotes are wrong,
 * the bytes are not in the encoding, or there is no record
 * @throws FileReadError when the source cannot be read to its end
 */
export async function scanRecords(
  { name, pieces }: OpenedSource,
  format: RecordFormat,
  onRecord: (record: RecordView) => void,
  afterPiece: () => Promise<void> | undefined = () => undefined,
): Promise<{ isUtf8: boolean }> {
  let width = 0
  const scanner = new RecordScanner(name, format, (record) => {
    width ||= record.width
    if (record.width !== width) {
      throw new FileFormatError(
        name,
        record.line,
        `got ${record.width} fields, expected ${width} as in the first line (delimiter ${JSON.stringify(format.delimiter)}).`,
      )
    }
    onRecord(record)
  })
  for await (const piece of pieces) {
    scanner.push(piece)
    await afterPiece()
  }
  scanner.end()
  await afterPiece()
  if (width === 0) throw new FileFormatError(name, undefined, 'the file is empty.')
  return { isUtf8: scanner.isUtf8 }
}
