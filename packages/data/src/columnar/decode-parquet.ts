import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet'
import { parquetMetadataAsync, parquetScan } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { openRandomAccess, type RandomAccess } from '../sources/random-access.js'
import { type ColumnChunk, checkPages, columnChunks, type PackedPage } from './check-parquet.js'
import { type BatchColumn, ColumnBatches } from './column-batches.js'
import { findColumns, textOrBytes } from './column-kinds.js'
import { parquetDecoders } from './decoders.js'
import { type ParquetColumn, parquetColumns, withoutMeanings } from './parquet-columns.js'
import type { ColumnSample, Decoded, DecodeRequest, TableSettings } from './requests.js'
import { rejectManyRows } from './row-limit.js'
import { isSampled, sampleOf } from './sample-values.js'

/** Parsers that keep what is stored where hyparquet would make dates and objects of it. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (time) => time,
  timestampFromMicroseconds: (time) => time,
  timestampFromNanoseconds: (time) => time,
  dateFromDays: (days) => days,
  stringFromBytes: (bytes) => bytes && textOrBytes(bytes),
  jsonFromBytes: (bytes) => bytes,
}

/**
 * Decodes the wanted columns of a Parquet file, row group by row group, or returns the columns that it has.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function decodeParquet(
  source: FileSource,
  { table, lz4 }: Pick<DecodeRequest, 'table' | 'lz4'>,
): Promise<Decoded> {
  const access = await openRandomAccess(source, undefined)
  try {
    const metadata = await orFormatError(
      access.name,
      parquetMetadataAsync(asyncBuffer(access), { parsers, geoparquet: false }),
    )
    if (table !== undefined) return { table: await readTable(access, metadata, table, lz4) }
    return { sample: await readSample(access, metadata, lz4) }
  } finally {
    await access.close()
  }
}

/** The bytes of the columns of the first row group that are decoded for a sample. */
const mostSampleBytes = 1 << 25

/** Reads the columns of a file and their values in the first row group, as long as these are not too large. */
async function readSample(
  access: RandomAccess,
  metadata: FileMetaData,
  lz4: string | undefined,
): Promise<ColumnSample> {
  const columns = parquetColumns(metadata)
  const names = columns.map(({ name }) => name)
  const wanted = columns.filter(
    ({ name, kind }) => isSampled(kind) && names.indexOf(name) === names.lastIndexOf(name),
  )
  const [chunks] = columnChunks(access.name, access.byteLength, metadata, wanted)
  let bytes = 0
  const sampled = wanted.filter(({ name }) => {
    const chunk = chunks?.get(name)
    bytes += chunk === undefined ? 0 : chunk.end - chunk.start
    return chunk !== undefined && bytes <= mostSampleBytes
  })
  const values = new Map<string, (string | undefined)[]>()
  if (sampled.length > 0) {
    const reading = await openColumns(access, metadata, sampled, lz4)
    for (const column of sampled) {
      values.set(column.name, sampleOf(await reading.read(0, column), column.kind))
    }
  }
  return {
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    values: columns.map(({ name }) => values.get(name)),
    rows: Number(metadata.num_rows),
  }
}

/** Opens columns of a file for reading them row group by row group. */
async function openColumns(
  access: RandomAccess,
  metadata: FileMetaData,
  wanted: readonly ParquetColumn[],
  lz4: string | undefined,
) {
  const { name, byteLength } = access
  const names = wanted.map((column) => column.name)
  const groups = columnChunks(name, byteLength, metadata, wanted)
  const pages = new CheckedPages(access)
  const decoders = await parquetDecoders(name, metadata, names, lz4)
  const scan = await orFormatError(
    name,
    parquetScan({
      file: pages,
      metadata: withoutMeanings(metadata, wanted),
      columns: names,
      utf8: false,
      useOffsetIndex: false,
      parsers,
      compressors: pages.checkedDecoders(decoders),
    }),
  )
  return {
    groups: scan.ranges.length,
    async read(group: number, { name: column, convert }: ParquetColumn): Promise<BatchColumn> {
      const range = scan.ranges[group]
      const rows = range.rowEnd - range.rowStart
      pages.expect(groups[group]?.get(column))
      const stored = await orFormatError(name, scan.readColumn({ column, ...range }))
      if (stored.length !== rows) {
        const problem = `the column ${JSON.stringify(column)} has ${stored.length} values in a group of ${rows} rows`
        throw new FileFormatError(name, undefined, `cannot be read as Parquet: ${problem}.`)
      }
      return { length: rows, at: (row) => convert(stored[row] ?? null) }
    },
  }
}

async function readTable(
  access: RandomAccess,
  metadata: FileMetaData,
  { columns, idType, maxRows }: TableSettings,
  lz4: string | undefined,
) {
  const { name, byteLength } = access
  const found = findColumns(name, columns, parquetColumns(metadata))
  const wanted = [...new Map([...found.values()].map((column) => [column.name, column])).values()]
  // Wrong places in the file are reported before a wrong number of rows.
  columnChunks(name, byteLength, metadata, wanted)
  rejectManyRows(name, Number(metadata.num_rows), byteLength, maxRows)
  const reading = await openColumns(access, metadata, wanted, lz4)
  const batches = new ColumnBatches(name, columns, idType)
  for (let group = 0; group < reading.groups; group++) {
    const values = new Map<string, BatchColumn>()
    for (const column of wanted) values.set(column.name, await reading.read(group, column))
    await batches.add((column) => values.get(column) as BatchColumn)
  }
  return batches.finish()
}

/** A file as hyparquet reads it, whose pages are checked before hyparquet sees them. */
class CheckedPages {
  readonly byteLength: number
  readonly #access: RandomAccess
  #expected: ColumnChunk | undefined
  /** The compressed pages of the expected chunk that are not unpacked yet. */
  #packed: PackedPage[] = []

  constructor(access: RandomAccess) {
    this.#access = access
    this.byteLength = access.byteLength
  }

  /** Names the chunk that is decoded next. */
  expect(chunk: ColumnChunk | undefined): void {
    this.#expected = chunk
    this.#packed = []
  }

  async slice(start: number, end = this.byteLength): Promise<ArrayBuffer> {
    const chunk = this.#expected
    if (chunk === undefined || start > chunk.start || end < chunk.end || end > this.byteLength) {
      throw new RangeError('a column is not where it should be')
    }
    const bytes = await this.#access.read(start, end)
    this.#packed = checkPages(bytes.subarray(chunk.start - start, chunk.end - start), chunk)
    return bytes.buffer as ArrayBuffer
  }

  /** Returns decoders that check the content of each page after they have unpacked it. */
  checkedDecoders(decoders: Compressors): Compressors {
    const checked = Object.entries(decoders).map(([codec, unpack]) => [
      codec,
      (packed: Uint8Array, length: number): Uint8Array => {
        const page = this.#packed.shift()
        if (page?.packed !== packed.length) throw new RangeError('a page is not where it should be')
        // The dictionary of a column without any value is empty, and not all decoders unpack nothing.
        const content = length === 0 ? new Uint8Array() : unpack(packed, length)
        if (content.length !== length) throw new RangeError('a page unpacks to another length')
        page.check(content)
        return content
      },
    ])
    return Object.fromEntries(checked) as Compressors
  }
}

/** Returns the end of a file as hyparquet reads it. */
function asyncBuffer(access: RandomAccess) {
  return {
    byteLength: access.byteLength,
    slice: async (start: number, end = access.byteLength) => {
      if (!(start >= 0 && start <= end && end <= access.byteLength)) {
        throw new RangeError('a length in the file leads out of it')
      }
      return (await access.read(start, end)).buffer as ArrayBuffer
    },
  }
}

async function orFormatError<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    if (cause instanceof FileFormatError) throw cause
    const { message } = cause as Error
    throw new FileFormatError(file, undefined, `cannot be read as Parquet: ${message}.`)
  }
}
