import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import type { FileMetaData, ParquetParsers } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { importOptional } from '../sources/import-optional.js'
import { openRandomAccess, type RandomAccess } from '../sources/random-access.js'
import { type BatchColumn, ColumnBatches } from './column-batches.js'
import { findColumns, type TypedColumn, textOrBytes } from './column-kinds.js'
import { parquetDecoders } from './decoders.js'
import { type NamedColumnsOptions, namedColumnsSchema } from './named-columns.js'
import { parquetColumns, withoutMeanings } from './parquet-columns.js'

type Parquet = typeof import('hyparquet')

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
 * Reads interactions from a Parquet file, row group by row group.
 *
 * It needs the package `hyparquet`, an optional peer dependency. The file may be uncompressed or
 * compressed by Snappy, Gzip, Brotli or Zstandard; for LZ4 it also needs the package `lz4-napi`.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { readCsv, readParquet } from '@gnnrec/data'
 * import { DuckDb } from '@gnnrec/data/duckdb'
 *
 * const columns = { user: 'user', item: 'item' }
 * const file = join(await mkdtemp(join(tmpdir(), 'parquet-')), 'pairs.parquet')
 * const db = await DuckDb.open()
 * await db.writeParquet(await db.fromTable(await readCsv({ text: 'user,item\n1,7\n' }, { columns })), file)
 * await db.close()
 * console.log((await readParquet(file, { columns })).items.ids)
 * ```
 *
 * @throws FileFormatError for a file that is not Parquet, a missing column (the message lists the columns
 * found), a column whose type does not fit its role (a time of day is no timestamp, a date no rating), a
 * missing or empty id, an id of bytes that are not UTF-8, a rating or timestamp that is not a finite number,
 * and a file without rows
 * @throws FileReadError when the file cannot be opened
 * @throws MissingDependencyError, InvalidOptionsError
 */
export async function readParquet(
  source: FileSource,
  options: NamedColumnsOptions,
): Promise<InteractionTable> {
  const { columns, idType, signal } = parseOptions('readParquet', namedColumnsSchema, options)
  const parquet = await importOptional('readParquet', 'hyparquet', () => import('hyparquet'))
  const access = await openRandomAccess(source, signal)
  const { name } = access
  try {
    const file = asyncBuffer(access)
    const metadata = await readMetadata(parquet, access)
    const found = findColumns(name, columns, parquetColumns(metadata))
    const batches = new ColumnBatches(name, columns, idType)
    const wanted = [...new Map([...found.values()].map((column) => [column.name, column])).values()]
    const names = wanted.map((column) => column.name)
    const scan = await orFormatError(
      name,
      parquet.parquetScan({
        file,
        metadata: withoutMeanings(metadata, wanted),
        columns: names,
        utf8: false,
        parsers,
        compressors: await parquetDecoders(name, metadata, names),
      }),
    )
    for (const range of scan.ranges) {
      signal?.throwIfAborted()
      const values = new Map<string, BatchColumn>()
      for (const { name: column, convert } of wanted) {
        const stored = await orFormatError(name, scan.readColumn({ column, ...range }))
        values.set(column, { length: stored.length, at: (row) => convert(stored[row] ?? null) })
      }
      await batches.add((column) => values.get(column) as BatchColumn, signal)
    }
    return batches.finish()
  } finally {
    await access.close()
  }
}

/**
 * Returns the columns of a file. It reads only the end of the file.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function parquetSchema(
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<TypedColumn[]> {
  const parquet = await importOptional('inspectFile', 'hyparquet', () => import('hyparquet'))
  const access = await openRandomAccess(source, signal)
  try {
    return parquetColumns(await readMetadata(parquet, access))
  } finally {
    await access.close()
  }
}

function readMetadata(parquet: Parquet, access: RandomAccess): Promise<FileMetaData> {
  const options = { parsers, geoparquet: false }
  return orFormatError(access.name, parquet.parquetMetadataAsync(asyncBuffer(access), options))
}

function asyncBuffer(access: RandomAccess) {
  return {
    byteLength: access.byteLength,
    slice: async (start: number, end = access.byteLength) =>
      (await access.read(start, end)).buffer as ArrayBuffer,
  }
}

async function orFormatError<T>(file: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    throw new FileFormatError(
      file,
      undefined,
      `cannot be read as Parquet: ${(cause as Error).message}.`,
    )
  }
}
