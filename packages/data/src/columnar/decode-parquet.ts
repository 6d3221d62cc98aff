import type { FileMetaData, ParquetParsers } from 'hyparquet'
import { parquetMetadataAsync, parquetScan } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { openRandomAccess, type RandomAccess } from '../sources/random-access.js'
import { type ColumnRange, checkPages, columnRanges } from './check-parquet.js'
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
  const ranges = columnRanges(name, byteLength, metadata, names)
  rejectManyRows(name, Number(metadata.num_rows), byteLength, maxRows)
  const batches = new ColumnBatches(name, columns, idType)
  const scan = await orFormatError(
    name,
    parquetScan({
      file: asyncBuffer(access, ranges),
      metadata: withoutMeanings(metadata, wanted),
      columns: names,
      utf8: false,
      parsers,
      compressors: await parquetDecoders(name, metadata, names, lz4),
    }),
  )
  for (const range of scan.ranges) {
    const rows = range.rowEnd - range.rowStart
    const values = new Map<string, BatchColumn>()
    for (const { name: column, convert } of wanted) {
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

/** Returns a file as hyparquet reads it. The pages of columns are checked before hyparquet sees them. */
function asyncBuffer(access: RandomAccess, ranges: readonly ColumnRange[] = []) {
  return {
    byteLength: access.byteLength,
    slice: async (start: number, end = access.byteLength) => {
      if (!(start >= 0 && start <= end && end <= access.byteLength)) {
        throw new RangeError('a length in the file leads out of it')
      }
      const bytes = await access.read(start, end)
      for (const range of ranges) {
        if (range.start < start || range.end > end) continue
        checkPages(bytes.subarray(range.start - start, range.end - start), range.rows)
      }
      return bytes.buffer as ArrayBuffer
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
