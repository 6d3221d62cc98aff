import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet'
import { parquetMetadataAsync, parquetScan } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { openRandomAccess, type RandomAccess } from '../sources/random-access.js'
import { type ColumnChunk, checkPages, columnChunks, type PackedPage } from './check-parquet.js'
import { type BatchColumn, ColumnBatches } from './column-batches.js'
import { findColumns, textOrBytes } from './column-kinds.js'
import { parquetDecoders } from './decoders.js'
import { parquetColumns, withoutMeanings } from './parquet-columns.js'
import type { Decoded, DecodeRequest, TableSettings } from './requests.js'
import { rejectManyRows } from './row-limit.js'

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
    return { columns: parquetColumns(metadata).map(({ name, kind }) => ({ name, kind })) }
  } finally {
    await access.close()
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
  const names = wanted.map((column) => column.name)
  const groups = columnChunks(name, byteLength, metadata, wanted)
  rejectManyRows(name, Number(metadata.num_rows), byteLength, maxRows)
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
  const batches = new ColumnBatches(name, columns, idType)
  for (const [group, range] of scan.ranges.entries()) {
    const rows = range.rowEnd - range.rowStart
    const values = new Map<string, BatchColumn>()
    for (const { name: column, convert } of wanted) {
      pages.expect(groups[group]?.get(column))
      const stored = await orFormatError(name, scan.readColumn({ column, ...range }))
      if (stored.length !== rows) {
        const problem = `the column ${JSON.stringify(column)} has ${stored.length} values in a group of ${rows} rows`
        throw new FileFormatError(name, undefined, `cannot be read as Parquet: ${problem}.`)
      }
      values.set(column, { length: rows, at: (row) => convert(stored[row] ?? null) })
    }
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
