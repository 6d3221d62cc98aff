import type { FileMetaData } from 'hyparquet'
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'
import { FileFormatError } from '../errors.js'
import type { ParquetColumn } from './parquet-columns.js'
import { UnpackBudget } from './unpack-budget.js'

/** The part of a file that holds one column of one row group. */
export interface ColumnChunk {
  readonly column: string
  readonly start: number
  readonly end: number
  /** The number of rows of the group, which a column without lists has as values. */
  readonly rows: number
  readonly isCompressed: boolean
  /** True when values may be missing, so that pages begin with a list of those that are there. */
  readonly isOptional: boolean
  /** The length of a value in bytes when all have the same. */
  readonly valueBytes: number | undefined
  /** The memory that the columns of the row group may take together. */
  readonly budget: UnpackBudget
}

/**
 * Returns the chunks of the wanted columns for each row group that has rows, after checking their places
 * and lengths against the file.
 *
 * @throws FileFormatError when a place leads out of the file, or numbers of rows contradict each other
 */
export function columnChunks(
  file: string,
  byteLength: number,
  { row_groups: groups, num_rows: total }: FileMetaData,
  columns: readonly ParquetColumn[],
): Map<string, ColumnChunk>[] {
  const wrong = (problem: string): never => {
    throw new FileFormatError(file, undefined, `cannot be read as Parquet: ${problem}.`)
  }
  const wanted = new Map(columns.map((column) => [column.name, column]))
  let rowsOfGroups = 0
  const found = groups.map((group) => {
    const rows = Number(group.num_rows)
    if (!(rows >= 0)) wrong('a row group has a negative number of rows')
    if (rows > maxGroupRows) {
      wrong(`a row group has ${rows} rows, more than ${maxGroupRows}; write smaller ones`)
    }
    rowsOfGroups += rows
    const chunks = new Map<string, Omit<ColumnChunk, 'budget'>>()
    for (const { meta_data: chunk, file_path: path } of group.columns) {
      const [column, ...rest] = chunk?.path_in_schema ?? []
      const known = wanted.get(column ?? '')
      if (chunk === undefined || column === undefined || known === undefined) continue
      if (chunk.type !== known.type) {
        wrong(`the column ${JSON.stringify(column)} has another type in a row group`)
      }
      if (path !== undefined) wrong(`the column ${JSON.stringify(column)} is in another file`)
      const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset)
      const end = start + Number(chunk.total_compressed_size)
      const isInside = start >= 4 && end >= start && end <= byteLength
      if (!isInside || rest.length > 0) {
        wrong(`the column ${JSON.stringify(column)} leads out of the file`)
      }
      if (chunks.has(column)) wrong(`a row group has the column ${JSON.stringify(column)} twice`)
      const isCompressed = chunk.codec !== 'UNCOMPRESSED'
      const { isOptional, valueBytes } = known
      chunks.set(column, { column, start, end, rows, isCompressed, isOptional, valueBytes })
    }
    const missing = columns.find(({ name }) => !chunks.has(name))
    if (missing !== undefined) wrong(`a row group lacks the column ${JSON.stringify(missing.name)}`)
    const packed = [...chunks.values()].reduce((sum, { start, end }) => sum + end - start, 0)
    const budget = new UnpackBudget('a row group', () => packed)
    const budgeted = [...chunks].map(([name, chunk]) => [name, { ...chunk, budget }] as const)
    return { rows, chunks: new Map(budgeted) }
  })
  if (rowsOfGroups !== Number(total)) {
    wrong('its row groups have another number of rows than it says')
  }
  return found.filter(({ rows }) => rows > 0).map(({ chunks }) => chunks)
}

/** A page of a column whose content is to be checked when it is unpacked. */
export interface PackedPage {
  /** The length of the bytes that are unpacked. */
  readonly packed: number
  /** Checks the unpacked content. */
  readonly check: (content: Uint8Array) => void
}

/** A row group may have as many rows. Longer arrays have no place in the engine, which ends the process. */
const maxGroupRows = 1 << 25

/** A page may unpack to as much, however small it is. */
const harmlessPageBytes = 1 << 26

/** The largest ratio of unpacked to packed size of a page that is not small. */
const maxRatio = 250

/** The numbers of the encodings that the decoder has and whose lengths are checked. */
const encodings = {
  plain: 0,
  dictionary: [2, 8],
  deltas: 5,
  deltaLengths: 6,
  /** Each value begins with a part of the one before, so the page may be much smaller than its values. */
  sharedPrefixes: 7,
  splitBytes: 9,
}

/**
 * Checks the lengths in the heads of all pages of a column, and in the pages that are not compressed.
 * Returns the compressed pages in order.
 *
 * @throws RangeError when a length is wrong
 */
export function checkPages(bytes: Uint8Array, chunk: ColumnChunk): PackedPage[] {
  const { rows, isCompressed, isOptional, budget } = chunk
  const reader = new ThriftReader(bytes)
  const packedPages: PackedPage[] = []
  let values = 0
  while (reader.at < bytes.length - 1 && values < rows) {
    const { numbers, structs } = reader.struct()
    const unpacked = numbers.get(2) ?? -1
    const packed = numbers.get(3) ?? -1
    if (packed < 0 || reader.at + packed > bytes.length) {
      throw new RangeError('the length of a page leads out of its column')
    }
    if (unpacked < 0 || unpacked > Math.max(harmlessPageBytes, packed * maxRatio)) {
      throw new RangeError(`a page of ${packed} bytes is said to unpack to ${unpacked}`)
    }
    budget.spend(unpacked)
    const page = bytes.subarray(reader.at, reader.at + packed)
    reader.at += packed
    const type = numbers.get(1) ?? -1
    const isSecondVersion = type === 3
    const data = type === 2 ? undefined : structs.get(isSecondVersion ? 8 : 5)
    const count = (type === 2 ? structs.get(7) : data)?.numbers.get(1) ?? -1
    if (![0, 2, 3].includes(type)) throw new RangeError(`a page has the type ${type}`)
    if (count < 0 || count > (data ? rows - values : unpacked)) {
      throw new RangeError('a page is said to have more values than it can have')
    }
    if (data) values += count
    const levels = isSecondVersion && data ? checkLevels(page, data, isOptional) : 0
    const encoding = data?.numbers.get(isSecondVersion ? 4 : 2) ?? -1
    const check = (content: Uint8Array): void => {
      if (!data) return
      const missing = isSecondVersion ? (data.numbers.get(2) ?? 0) : 0
      const hasLevels = isOptional && !isSecondVersion
      checkValues(content, { count: count - missing, encoding, hasLevels }, chunk)
    }
    const content = page.subarray(levels)
    // The decoder leaves pages of the second version as they are where nothing but levels is in them.
    const isPacked =
      isCompressed && data?.numbers.get(7) !== 0 && (!isSecondVersion || unpacked > levels)
    if (isPacked) packedPages.push({ packed: content.length, check })
    else check(content)
  }
  return packedPages
}

/** Checks the levels of a page of the second version, which are not compressed, and returns their length. */
function checkLevels(page: Uint8Array, { numbers }: ThriftStruct, isOptional: boolean): number {
  const count = numbers.get(1) ?? -1
  const missing = numbers.get(2) ?? -1
  const definitions = numbers.get(5) ?? -1
  const repetitions = numbers.get(6) ?? -1
  const isInside = definitions >= 0 && repetitions >= 0 && definitions + repetitions <= page.length
  if (!isInside || missing < 0 || missing > count) {
    throw new RangeError('the length of the levels of a page leads out of it')
  }
  if (isOptional) checkRuns(page.subarray(repetitions), 1, count)
  return definitions + repetitions
}

interface PageValues {
  /** The number of values, which counts missing ones only when the content says which are there. */
  readonly count: number
  readonly encoding: number
  /** True when the content begins with a list of the values that are there. */
  readonly hasLevels: boolean
}

/** Checks the lengths in the content of a page, and counts what its values take beyond the content. */
function checkValues(
  content: Uint8Array,
  { count, encoding, hasLevels }: PageValues,
  { valueBytes = 8, budget }: ColumnChunk,
): void {
  let at = 0
  let present = count
  if (hasLevels && count > 0) {
    if (content.length < 4) throw new RangeError('a page is cut off')
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
    at = 4 + view.getUint32(0, true)
    if (at > content.length) throw new RangeError('the levels of a page lead out of it')
    present = checkRuns(content.subarray(4), 1, count)
  }
  if (encoding === encodings.plain || encoding === encodings.deltaLengths) return
  if (encoding === encodings.deltas || encoding === encodings.splitBytes) {
    budget.spend(present * valueBytes)
  } else if (encoding === encodings.sharedPrefixes) {
    // Two numbers for each value are decoded here, and two again by the decoder.
    budget.spend(present * 16)
    budget.spend(bytesWithPrefixes(content.subarray(at), present))
  } else if (encodings.dictionary.includes(encoding)) {
    const width = content[at] ?? 0
    if (width > 32) throw new RangeError('the places in a dictionary are too wide')
    if (width > 0) checkRuns(content.subarray(at + 1), width, present)
    else budget.spend(present * valueBytes)
  } else throw new RangeError(`a page has the encoding ${encoding}, which is not read`)
}

/** Returns the length of all values that begin with a part of the value before. */
function bytesWithPrefixes(content: Uint8Array, count: number): number {
  if (count === 0) return 0
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const reader = { view, offset: 0 }
  const prefixes = new Int32Array(count)
  const suffixes = new Int32Array(count)
  deltaBinaryUnpack(reader, count, prefixes)
  deltaBinaryUnpack(reader, count, suffixes)
  let sum = 0
  let before = 0
  for (let place = 0; place < count; place++) {
    if (!(prefixes[place] >= 0 && prefixes[place] <= before && suffixes[place] >= 0)) {
      throw new RangeError('a value shares more with the value before than that has')
    }
    before = prefixes[place] + suffixes[place]
    sum += before
  }
  return sum
}

/**
 * Checks that no run of repeated values is longer than the number of values that are still to come. The
 * decoder would write beyond its array, which ends the process when the array becomes too long. Returns
 * how many values are 1 when all have a width of one bit.
 */
function checkRuns(bytes: Uint8Array, width: number, count: number): number {
  const reader = new ThriftReader(bytes)
  let seen = 0
  let ones = 0
  while (seen < count && reader.at < bytes.length) {
    const head = reader.integer()
    const length = head >>> 1
    if (head & 1) {
      // The decoder computes with 32 bits, where a larger number would become a small one.
      if (length > maxGroupRows) throw new RangeError('a run of values leads out of its page')
      const values = Math.min(length * 8, count - seen)
      if (width === 1) ones += onesIn(bytes.subarray(reader.at), values)
      seen += values
      reader.at += length * width
    } else {
      if (length > count - seen) throw new RangeError('a run of values leads out of its page')
      seen += length
      if (bytes[reader.at] === 1) ones += length
      reader.at += (width + 7) >> 3
    }
  }
  return ones
}

/** Returns how many of the first bits are 1. */
function onesIn(bytes: Uint8Array, bits: number): number {
  let ones = 0
  for (let bit = 0; bit < bits; bit++) ones += ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1
  return ones
}

/** The fields of a Thrift structure that are integers or structures. */
interface ThriftStruct {
  readonly numbers: Map<number, number>
  readonly structs: Map<number, ThriftStruct>
}

/**
 * A reader of Thrift's compact protocol that keeps integers, booleans (as 0 and 1) and structures, and
 * skips all else. Integers wrap around 32 bits as in hyparquet, so that both see the same numbers.
 */
class ThriftReader {
  at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  struct(depth = 0): ThriftStruct {
    if (depth > 16) throw new RangeError('the head of a page is nested too deeply')
    const found: ThriftStruct = { numbers: new Map(), structs: new Map() }
    const fields = new Set<number>()
    let field = 0
    for (;;) {
      const head = this.#byte()
      const kind = head & 0x0f
      if (kind === 0) return found
      field = head >> 4 === 0 ? zigZag(this.integer()) : field + (head >> 4)
      if (fields.has(field)) throw new RangeError('the head of a page has a field twice')
      fields.add(field)
      const value = this.#value(kind, depth)
      if (typeof value === 'number') found.numbers.set(field, value)
      else if (value !== undefined) found.structs.set(field, value)
    }
  }

  /** Reads an unsigned integer of variable length. */
  integer(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  #value(kind: number, depth: number): number | ThriftStruct | undefined {
    switch (kind) {
      case 1:
        return 1
      case 2:
        return 0
      case 3:
        this.#byte()
        return undefined
      case 4:
      case 5:
        return zigZag(this.integer())
      case 6:
        this.integer()
        return undefined
      case 7:
        this.#skip(8)
        return undefined
      case 8:
        this.#skip(this.integer())
        return undefined
      case 9: {
        const head = this.#byte()
        const length = head >> 4 === 15 ? this.integer() : head >> 4
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
    if (length < 0 || length > this.#bytes.length - this.at) {
      throw new RangeError('the head of a page is cut off')
    }
    this.at += length
  }
}

function zigZag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}
