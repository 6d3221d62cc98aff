import { FileFormatError } from '../errors.js'
import { nodeModule } from '../sources/node-files.js'
import { EncodingCheck } from './encoding-check.js'
import { incompleteRecord, SkippedLines } from './skipped-lines.js'

/** The format of a delimited file. */
export interface RecordFormat {
  readonly delimiter: string
  readonly encoding: 'utf-8' | 'latin1'
  /** True when `"` may enclose fields. */
  readonly quotes: boolean
  /** The character before a quote that belongs to the text of a field. */
  readonly escape: '"' | '\\'
  /** The number of lines at the beginning that are not read. */
  readonly skipLines?: number
  /** The text at the beginning of lines that are not read. */
  readonly comment?: string | undefined
}

/** A view of the current record. Field f is `bytes[starts[f]..ends[f]-1]`, without its quotes. */
export interface RecordView {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The number of fields. */
  readonly width: number
  /** The number of the line, from 1, on which the record ends. */
  readonly line: number
  /** Returns a field as a string. */
  text(field: number): string
}

const quoteByte = 0x22
const backslashByte = 0x5c
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** A longer record means that a quote is never closed, or that the file is not delimited text. */
export const maxRecordBytes = 1 << 20

/** The number of new bytes after which an incomplete record is scanned again. */
const enoughBytes = 1 << 14

/**
 * A scanner that splits bytes into records and fields without making strings of them. The bytes come in
 * pieces of any size.
 *
 * Empty lines are skipped; `\n`, `\r\n` and `\r` end a record. No record is kept, so a view is valid
 * until the next record.
 */
export class RecordScanner implements RecordView {
  bytes: Uint8Array = new Uint8Array(1 << 16)
  starts: Int32Array = new Int32Array(16)
  ends: Int32Array = new Int32Array(16)
  width = 0
  line = 0

  readonly #file: string
  readonly #format: RecordFormat
  readonly #onRecord: (record: RecordView) => void
  readonly #delimiter: Uint8Array
  readonly #skipped: SkippedLines
  readonly #encoding: 'latin1' | 'utf8'
  readonly #encodingCheck: EncodingCheck
  #decoder: { toString(encoding: 'latin1' | 'utf8', start: number, end: number): string }
  /** Position of the first byte that is in no record yet. */
  #start = 0
  #length = 0
  /** Position up to which the encoding has been checked. */
  #checked = 0
  /** Number of bytes that have not been scanned. */
  #unseen = 0
  /** Number of lines that end before `#start`. */
  #linesBefore = 0
  /** For each field 1 when it has escaped quotes, 2 when it is a pair of quotes without text, else 0. */
  #escapes = new Uint8Array(16)
  #hasEscapes = false

  constructor(file: string, format: RecordFormat, onRecord: (record: RecordView) => void) {
    this.#file = file
    this.#format = format
    this.#onRecord = onRecord
    this.#encoding = format.encoding === 'latin1' ? 'latin1' : 'utf8'
    this.#encodingCheck = new EncodingCheck(format.encoding)
    const { Buffer } = nodeModule('node:buffer')
    this.#delimiter = Buffer.from(format.delimiter, this.#encoding)
    this.#skipped = new SkippedLines(format)
    this.#decoder = Buffer.from(this.bytes.buffer)
  }

  /** Adds the next bytes and passes on the records that are complete. */
  push(piece: Uint8Array): void {
    const rest = this.#length - this.#start
    if (rest + piece.length > this.bytes.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(rest + piece.length)))
      larger.set(this.bytes.subarray(this.#start, this.#length))
      this.bytes = larger
      this.#decoder = nodeModule('node:buffer').Buffer.from(larger.buffer)
    } else {
      this.bytes.copyWithin(0, this.#start, this.#length)
    }
    this.#checked -= this.#start
    this.#start = 0
    this.bytes.set(piece, rest)
    this.#length = rest + piece.length
    this.#unseen += piece.length
    if (this.#unseen < enoughBytes) return
    this.#unseen = 0
    this.#scan(false)
    if (this.#length - this.#start > maxRecordBytes) {
      const isQuoted = this.#format.quotes && this.bytes.subarray(this.#start).includes(quoteByte)
      throw this.#error(
        this.#linesBefore + 1,
        isQuoted
          ? 'a quote in the record that begins here is never closed.'
          : 'the line is longer than a megabyte, so the file is not delimited text.',
      )
    }
  }

  /** Ends the scan and passes on the last record. */
  end(): void {
    this.#scan(true)
  }

  /** True when the text has characters beyond ASCII and all are valid UTF-8. */
  get isUtf8(): boolean {
    return this.#encodingCheck.isUtf8
  }

  text(field: number): string {
    return this.#decoder.toString(this.#encoding, this.starts[field], this.ends[field])
  }

  #scan(isLast: boolean): void {
    this.#checkEncoding(isLast)
    for (;;) {
      const skipped = this.#skipped.endOf(this.bytes, this.#start, this.#length, isLast)
      if (skipped === incompleteRecord) return
      if (skipped > this.#start) {
        this.#start = skipped
        this.#linesBefore++
        continue
      }
      const next = this.#readRecord(isLast)
      if (next === incompleteRecord) return
      const isEmptyLine = this.width === 1 && this.starts[0] === this.ends[0] && !this.#escapes[0]
      this.#start = next
      this.#linesBefore = this.line
      if (isEmptyLine) continue
      if (this.#hasEscapes) this.#unescape()
      this.#onRecord(this)
    }
  }

  /** Finds the fields of the record at `#start` and returns the position of the next record. */
  #readRecord(isLast: boolean): number {
    const bytes = this.bytes
    const length = this.#length
    const delimiter = this.#delimiter
    const first = delimiter[0]
    const { quotes } = this.#format
    let at = this.#start
    if (at >= length) return incompleteRecord
    this.width = 0
    this.#hasEscapes = false
    this.line = this.#linesBefore + 1
    for (;;) {
      const field = this.width
      if (field === this.starts.length) this.#widen()
      let end: number
      this.#escapes[field] = 0
      if (quotes && at < length && bytes[at] === quoteByte) {
        this.starts[field] = at + 1
        end = this.#closingQuote(at + 1, isLast)
        if (end === incompleteRecord) return incompleteRecord
        this.ends[field] = end
        // A line of two quotes is a record with an empty field, not an empty line.
        if (end === at + 1) this.#escapes[field] = 2
        at = end + 1
        if (at === length && !isLast) return incompleteRecord
      } else {
        this.starts[field] = at
        while (at < length) {
          const byte = bytes[at]
          if (byte === lineFeed || byte === carriageReturn) break
          if (byte === first) {
            if (delimiter.length === 1) break
            const matched = matches(bytes, at, length, delimiter)
            if (matched === 'partly' && !isLast) return incompleteRecord
            if (matched === 'fully') break
          } else if (byte === quoteByte && quotes) {
            throw this.#error(
              this.line,
              'got a quote inside a field that does not begin with a quote. Pass quotes: false if quotes have no special meaning in this file.',
            )
          }
          at++
        }
        this.ends[field] = at
      }
      this.width++
      if (at === length) return isLast ? at : incompleteRecord
      if (bytes[at] === lineFeed) return at + 1
      if (bytes[at] === carriageReturn) {
        if (at + 1 === length) return isLast ? at + 1 : incompleteRecord
        return bytes[at + 1] === lineFeed ? at + 2 : at + 1
      }
      const matched = matches(bytes, at, length, delimiter)
      if (matched === 'partly' && !isLast) return incompleteRecord
      if (matched !== 'fully') {
        throw this.#error(
          this.line,
          'got text after the quote that ends a field. Double the quotes inside a field, or pass quotes: false if quotes have no special meaning in this file.',
        )
      }
      at += delimiter.length
      if (at === length && !isLast) return incompleteRecord
    }
  }

  /** Returns the position of the quote that ends the field whose text begins at `at`, and counts its lines. */
  #closingQuote(at: number, isLast: boolean): number {
    const bytes = this.bytes
    const length = this.#length
    const isDoubled = this.#format.escape === '"'
    for (; at < length; at++) {
      const byte = bytes[at]
      if (byte === lineFeed) this.line++
      else if (byte === carriageReturn) {
        if (at + 1 === length) break
        if (bytes[at + 1] !== lineFeed) this.line++
      } else if (byte === backslashByte && !isDoubled) {
        this.#hasEscapes = true
        this.#escapes[this.width] = 1
        if (bytes[at + 1] === quoteByte || bytes[at + 1] === backslashByte) at++
      } else if (byte === quoteByte) {
        if (!isDoubled) return at
        if (at + 1 === length && !isLast) return incompleteRecord
        if (at + 1 === length || bytes[at + 1] !== quoteByte) return at
        this.#hasEscapes = true
        this.#escapes[this.width] = 1
        at++
      }
    }
    if (!isLast) return incompleteRecord
    throw this.#error(
      this.#linesBefore + 1,
      'a quote in the record that begins here is never closed.',
    )
  }

  /** Removes the escape characters from the fields, in place: a record is read only once. */
  #unescape(): void {
    const { bytes, starts, ends } = this
    const escaping = this.#format.escape === '"' ? quoteByte : backslashByte
    for (let field = 0; field < this.width; field++) {
      if (this.#escapes[field] !== 1) continue
      let to = starts[field]
      for (let from = to; from < ends[field]; from++) {
        const next = bytes[from + 1]
        const isEscape = bytes[from] === escaping && (next === quoteByte || next === escaping)
        if (isEscape && from + 1 < ends[field]) from++
        bytes[to++] = bytes[from]
      }
      ends[field] = to
    }
  }

  /** Checks the encoding up to the end of a line, because a line feed is never inside a UTF-8 character. */
  #checkEncoding(isLast: boolean): void {
    if (this.#length <= this.#checked) return
    const end = isLast ? this.#length : this.bytes.lastIndexOf(lineFeed, this.#length - 1) + 1
    if (end <= this.#checked) return
    const problem = this.#encodingCheck.problemOf(this.bytes.subarray(this.#checked, end))
    if (problem !== undefined) throw this.#error(undefined, problem)
    this.#checked = end
  }

  #widen(): void {
    const wider = (column: Int32Array): Int32Array => {
      const copy = new Int32Array(column.length * 2)
      copy.set(column)
      return copy
    }
    this.starts = wider(this.starts)
    this.ends = wider(this.ends)
    const escapes = new Uint8Array(this.starts.length)
    escapes.set(this.#escapes)
    this.#escapes = escapes
  }

  #error(line: number | undefined, message: string): FileFormatError {
    return new FileFormatError(this.#file, line, message)
  }
}

/** Returns all fields of a record as strings. */
export function fieldsOf(record: RecordView): string[] {
  return Array.from({ length: record.width }, (_, field) => record.text(field))
}

function matches(
  bytes: Uint8Array,
  at: number,
  length: number,
  delimiter: Uint8Array,
): 'fully' | 'partly' | 'not' {
  for (let place = 0; place < delimiter.length; place++) {
    if (at + place === length) return 'partly'
    if (bytes[at + place] !== delimiter[place]) return 'not'
  }
  return 'fully'
}
