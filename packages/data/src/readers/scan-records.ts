import { FileFormatError } from '../errors.js'
import type { OpenedSource } from '../sources/file-source.js'
import { type RecordFormat, RecordScanner, type RecordView } from './record-scanner.js'

/**
 * Calls `onRecord` for every record of a delimited file, while it is read; says in the end whether its
 * bytes beyond ASCII are UTF-8, whatever they were read as.
 *
 * @throws FileFormatError when a record has another number of fields than the first, quotes are
 * broken, the bytes are not in the encoding, or there is no record at all
 * @throws FileReadError when the source cannot be read to its end
 */
export async function scanRecords(
  { name, pieces }: OpenedSource,
  format: RecordFormat,
  onRecord: (record: RecordView) => void,
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
  for await (const piece of pieces) scanner.push(piece)
  scanner.end()
  if (width === 0) throw new FileFormatError(name, undefined, 'the file is empty.')
  return { isUtf8: scanner.isUtf8 }
}
