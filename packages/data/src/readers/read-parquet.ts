import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet'
import { FileFormatError } from '../errors.js'
import type { FileSource } from '../sources/file-source.js'
import { importOptional } from '../sources/import-optional.js'
import { nodeModule } from '../sources/node-files.js'
import { openRandomAccess, type RandomAccess } from '../sources/random-access.js'
import { ColumnBatches } from './column-batches.js'
import { type NamedColumnsOptions, namedColumnsSchema, rejectMissing } from './named-columns.js'

/** Converters that turn times into seconds since 1970. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (time) => Number(time) / 1e3,
  timestampFromMicroseconds: (time) => Number(time) / 1e6,
  timestampFromNanoseconds: (time) => Number(time) / 1e9,
  dateFromDays: (days) => days * 86_400,
}

/**
 * Reads interactions from a Parquet file, row group by row group.
 *
 * It needs the package `hyparquet`, an optional peer dependency. The file may be uncompressed or
 * compressed by Snappy, Gzip or Brotli, and from Node.js 22.15 on also by Zstandard.
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
 * found), a missing or empty id, a rating or timestamp that is not a finite number, and a file without
 * rows
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
    const metadata = await orFormatError(name, parquet.parquetMetadataAsync(file))
    rejectMissing(name, columns, columnNames(metadata))
    const batches = new ColumnBatches(name, columns, idType)
    const wanted = [...new Set(Object.values(columns).filter((column) => column !== undefined))]
    const settings = { file, metadata, columns: wanted, parsers, compressors: compressors() }
    const scan = await orFormatError(name, parquet.parquetScan(settings))
    for (const range of scan.ranges) {
      signal?.throwIfAborted()
      const values = new Map<string, ArrayLike<unknown>>()
      for (const column of wanted) {
        values.set(column, await orFormatError(name, scan.readColumn({ column, ...range })))
      }
      await batches.add((column) => {
        const array = values.get(column) as ArrayLike<unknown>
        return { length: array.length, at: (row) => array[row] }
      }, signal)
    }
    return batches.finish()
  } finally {
    await access.close()
  }
}

/**
 * Returns the names and types of the columns. It reads only the end of the file.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function parquetSchema(
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<{ name: string; type: 'integer' | 'number' | 'time' | 'text' }[]> {
  const parquet = await importOptional('inspectFile', 'hyparquet', () => import('hyparquet'))
  const access = await openRandomAccess(source, signal)
  try {
    const metadata = await orFormatError(
      access.name,
      parquet.parquetMetadataAsync(asyncBuffer(access)),
    )
    const names = columnNames(metadata)
    return metadata.schema
      .filter(({ name, num_children: children = 0 }) => children === 0 && names.includes(name))
      .map(({ name, type, converted_type: converted = '', logical_type: logical }) => {
        if (/^(DATE|TIME)/.test(converted) || /^(DATE|TIME)/.test(logical?.type ?? '')) {
          return { name, type: 'time' }
        }
        if (type === 'INT32' || type === 'INT64') return { name, type: 'integer' }
        return { name, type: type === 'FLOAT' || type === 'DOUBLE' ? 'number' : 'text' }
      })
  } finally {
    await access.close()
  }
}

/** Returns the names of the columns that are not lists or structures. */
function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = []
  for (let place = 1; place < schema.length; place++) {
    const { name, num_children: children = 0 } = schema[place]
    if (children === 0) names.push(name)
    else place += descendants(schema, place)
  }
  return names
}

function descendants(schema: FileMetaData['schema'], place: number): number {
  let count = 0
  for (let child = 0; child < (schema[place].num_children ?? 0); child++) {
    count += 1 + descendants(schema, place + count + 1)
  }
  return count
}

function asyncBuffer(access: RandomAccess) {
  return {
    byteLength: access.byteLength,
    slice: async (start: number, end = access.byteLength) =>
      (await access.read(start, end)).buffer as ArrayBuffer,
  }
}

function compressors(): Compressors {
  const zlib = nodeModule('node:zlib')
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }
  return {
    GZIP: (bytes) => zlib.gunzipSync(bytes),
    BROTLI: (bytes) => zlib.brotliDecompressSync(bytes),
    ...(zstdDecompressSync && { ZSTD: (bytes) => zstdDecompressSync(bytes) }),
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
