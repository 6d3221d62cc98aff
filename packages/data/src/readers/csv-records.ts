import { CsvError, type Options, Parser } from 'csv-parse'
import { FileFormatError } from '../errors.js'
import type { SourceContent } from '../sources/file-source.js'
import { nodeModule, yieldToEventLoop } from '../sources/node-files.js'

/** How the bytes of a delimited file are to be read. */
interface RecordFormat {
  readonly delimiter: string
  readonly encoding: 'utf-8' | 'latin1'
  readonly quotes: boolean
  readonly escape?: '"' | '\\' | undefined
  readonly signal?: AbortSignal | undefined
}

/** Small enough that parsing one piece keeps the event loop waiting for some 20 ms. */
const PIECE_BYTES = 1 << 16

/**
 * Calls `onRecord` with the fields of every record and the line on which it ends.
 *
 * Empty lines are skipped; `\n`, `\r\n` and `\r` end a line. No record is kept.
 *
 * @throws FileFormatError when a record has another number of fields than the first, quotes are
 * broken, the bytes are not in the encoding, or there is no record at all
 */
export async function readRecords(
  { name, bytes }: SourceContent,
  format: RecordFormat,
  onRecord: (fields: string[], line: number) => void,
): Promise<void> {
  checkEncoding(name, bytes, format.encoding)
  let width = 0
  let lastLine = 0
  const parser = new RecordParser(
    {
      delimiter: format.delimiter,
      encoding: format.encoding === 'latin1' ? 'latin1' : 'utf8',
      quote: format.quotes ? '"' : false,
      escape: format.escape ?? '"',
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
    },
    (fields, line) => {
      width ||= fields.length
      if (fields.length !== width) {
        throw new FileFormatError(
          name,
          line,
          `got ${fields.length} fields, expected ${width} as in the first line (delimiter ${JSON.stringify(format.delimiter)}).`,
        )
      }
      onRecord(fields, line)
      lastLine = line
    },
  )
  parser.resume()
  try {
    await nodeModule('node:stream/promises').pipeline(pieces(bytes, format.signal), parser)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
      const message = 'a quote in the record that begins here is never closed.'
      throw new FileFormatError(name, lastLine + 1, message)
    }
    const { lines } = error
    throw new FileFormatError(name, lines as number | undefined, `${error.message}.`)
  }
  if (width === 0) throw new FileFormatError(name, undefined, 'the file is empty.')
}

/**
 * Hands records over as soon as they are parsed, instead of queueing them to be read.
 *
 * The parser's own option `on_record` does that too, but makes an object of 15 fields for each
 * record, which takes longer than the parsing.
 */
class RecordParser extends Parser {
  readonly #onRecord: (fields: string[], line: number) => void

  constructor(options: Options, onRecord: (fields: string[], line: number) => void) {
    super(options)
    this.#onRecord = onRecord
  }

  override push(fields: string[] | null): boolean {
    if (fields === null) return super.push(null)
    // What is left of a piece is parsed on after an error.
    if (this.destroyed) return false
    try {
      this.#onRecord(fields, this.info.lines)
    } catch (error) {
      this.destroy(error as Error)
    }
    return true
  }
}

async function* pieces(bytes: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    signal?.throwIfAborted()
    yield bytes.subarray(start, start + PIECE_BYTES)
    await yieldToEventLoop()
  }
}

function checkEncoding(name: string, bytes: Uint8Array, encoding: 'utf-8' | 'latin1'): void {
  if (encoding === 'latin1' || nodeModule('node:buffer').isUtf8(bytes)) return
  throw new FileFormatError(
    name,
    undefined,
    "the bytes are not UTF-8. Pass encoding: 'latin1', or save the file as UTF-8.",
  )
}
