import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { decodeTable } from '../columnar/decode-table.js'
import type { FileSource } from '../sources/file-source.js'
import { type NamedColumnsOptions, namedColumnsSchema } from './named-columns.js'

/**
 * Reads interactions from a Parquet file, row group by row group.
 *
 * The file may be uncompressed or compressed by Snappy, Gzip, Brotli or Zstandard; for LZ4 this needs the
 * package `lz4-napi`, an optional peer dependency. The file is decoded in a thread of its own, within the
 * limits of the options, so that a damaged or hostile file is an error.
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
 * a file without rows, and one beyond the limits
 * @throws FileReadError when the file cannot be opened
 * @throws MissingDependencyError, InvalidOptionsError
 */
export async function readParquet(
  source: FileSource,
  options: NamedColumnsOptions,
): Promise<InteractionTable> {
  const parsed = parseOptions('readParquet', namedColumnsSchema, options)
  return decodeTable('readParquet', 'Parquet', source, parsed)
}
