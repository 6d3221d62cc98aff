import type { FileMetaData } from 'hyparquet'
import { FileFormatError } from '../errors.js'

/** The part of a file that holds one column of one row group. */
export interface ColumnRange {
  readonly column: string
  readonly start: number
  readonly end: number
  /** The number of rows of the group, which a column without lists has as values. */
  readonly rows: number
}

/**
 * Returns where the wanted columns are, after checking their places and lengths against the file.
 *
 * @throws FileFormatError when a place leads out of the file, or numbers of rows contradict each other
 */
export function columnRanges(
  file: string,
  byteLength: number,
  { row_groups: groups, num_rows: total }: FileMetaData,
  columns: readonly string[],
): ColumnRange[] {
  const wrong = (problem: string): never => {
    throw new FileFormatError(file, undefined, `cannot be read as Parquet: ${problem}.`)
  }
  const ranges: ColumnRange[] = []
  let rows = 0
  for (const group of groups) {
    const groupRows = Number(group.num_rows)
    if (!(groupRows >= 0)) wrong('a row group has a negative number of rows')
    rows += groupRows
    for (const { meta_data: chunk, file_path: path } of group.columns) {
      const [column] = chunk?.path_in_schema ?? []
      if (chunk === undefined || column === undefined || !columns.includes(column)) continue
      if (path !== undefined) wrong(`the column ${JSON.stringify(column)} is in another file`)
      const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset)
      const end = start + Number(chunk.total_compressed_size)
      const isInside = start >= 4 && end >= start && end <= byteLength
      if (!isInside) wrong(`the column ${JSON.stringify(column)} leads out of the file`)
      ranges.push({ column, start, end, rows: groupRows })
    }
  }
  if (rows !== Number(total)) wrong('its row groups have another number of rows than it says')
  return ranges
}

/** A page may unpack to as much, however small it is. */
const harmlessPageBytes = 1 << 26

/** The largest ratio of unpacked to packed size of a page that is not small. */
const maxRatio = 250

/**
 * Checks the lengths in the heads of all pages of a column.
 *
 * @throws RangeError when one is wrong
 */
export function checkPages(bytes: Uint8Array, rows: number): void {
  const reader = new ThriftReader(bytes)
  let values = 0
  while (reader.at < bytes.length - 1 && values < rows) {
    const head = reader.struct()
    const unpacked = head.numbers.get(2) ?? -1
    const packed = head.numbers.get(3) ?? -1
    if (packed < 0 || reader.at + packed > bytes.length) {
      throw new RangeError('the length of a page leads out of its column')
    }
    if (unpacked < 0 || unpacked > Math.max(harmlessPageBytes, packed * maxRatio)) {
      throw new RangeError(`a page of ${packed} bytes is said to unpack to ${unpacked}`)
    }
    for (const [field, isData] of [
      [5, true],
      [7, false],
      [8, true],
    ] as const) {
      const part = head.structs.get(field)
      if (part === undefined) continue
      const count = part.numbers.get(1) ?? -1
      if (count < 0 || count > Math.max(rows, unpacked)) {
        throw new RangeError(`a page is said to have ${count} values`)
      }
      if (isData) values += count
      if (values > rows) throw new RangeError('a column has more values than there are rows')
      for (const length of [part.numbers.get(5), part.numbers.get(6)]) {
        if (field === 8 && length !== undefined && (length < 0 || length > packed)) {
          throw new RangeError('the length of the levels of a page leads out of it')
        }
      }
    }
    reader.at += packed
  }
}

/** The fields of a Thrift structure that are integers or structures. */
interface ThriftStruct {
  readonly numbers: Map<number, number>
  readonly structs: Map<number, ThriftStruct>
}

/** A reader of Thrift's compact protocol that keeps integers and structures and skips all else. */
class ThriftReader {
  at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  struct(depth = 0): ThriftStruct {
    if (depth > 16) throw new RangeError('the head of a page is nested too deeply')
    const found: ThriftStruct = { numbers: new Map(), structs: new Map() }
    let field = 0
    for (;;) {
      const head = this.#byte()
      const kind = head & 0x0f
      if (kind === 0) return found
      field = head >> 4 === 0 ? zigZag(this.#integer()) : field + (head >> 4)
      const value = this.#value(kind, depth)
      if (typeof value === 'number') found.numbers.set(field, value)
      else if (value !== undefined) found.structs.set(field, value)
    }
  }

  #value(kind: number, depth: number): number | ThriftStruct | undefined {
    switch (kind) {
      case 1:
      case 2:
        return undefined
      case 3:
        this.#byte()
        return undefined
      case 4:
      case 5:
      case 6:
        return zigZag(this.#integer())
      case 7:
        this.#skip(8)
        return undefined
      case 8:
        this.#skip(this.#integer())
        return undefined
      case 9: {
        const head = this.#byte()
        const length = head >> 4 === 15 ? this.#integer() : head >> 4
        const element = head & 0x0f
        for (let index = 0; index < length; index++) {
          this.#value(element <= 2 ? 3 : element, depth + 1)
        }
        return undefined
      }
      case 12:
        return this.struct(depth + 1)
      default:
        throw new RangeError('the head of a page has an unknown type')
    }
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new RangeError('the head of a page is cut off')
    return this.#bytes[this.at++]
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.at) throw new RangeError('the head of a page is cut off')
    this.at += length
  }

  /** Reads an unsigned integer of up to 64 bits; beyond 2^53 it is rounded. */
  #integer(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      if (scale > 2 ** 63) throw new RangeError('the head of a page has a number that is too long')
    }
  }
}

function zigZag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
