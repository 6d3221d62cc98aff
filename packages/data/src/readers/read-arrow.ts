import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { decodeTable } from '../columnar/decode-table.js'
import type { FileSource } from '../sources/file-source.js'
import { type NamedColumnsOptions, namedColumnsSchema } from './named-columns.js'

/**
 * Reads interactions from Apache Arrow data: a stream is read batch by batch, a file (Feather version 2)
 * is held in memory while it is read.
 *
 * Buffers compressed by Zstandard are unpacked; those compressed by LZ4, which pandas writes by default,
 * need the package `lz4-napi`, an optional peer dependency, or have to be written with
 * `compression="zstd"` or `"uncompressed"`. The data is decoded in a thread of its own, within the limits
 * of the options, so that damaged or hostile data is an error.
 *
 * @example
 * ```ts
 * import { readArrow } from '@gnnrec/data'
 * import { tableFromArrays, tableToIPC } from 'apache-arrow'
 *
 * const bytes = tableToIPC(tableFromArrays({ who: Int32Array.of(1, 2), film: Int32Array.of(7, 7) }))
 * const table = await readArrow(bytes, { columns: { user: 'who', item: 'film' } })
 * console.log(table.users.ids, table.items.ids)
 * ```
 *
 * @throws FileFormatError for data that is not Arrow, a missing column (the message lists the columns
 * found), a column whose type does not fit its role (a time of day is no timestamp, a date no rating), a
 * missing or empty id, an id of bytes that are not UTF-8, a rating or timestamp that is not a finite number,
 * a file without rows, and one beyond the limits
 * @throws FileReadError when the source cannot be opened or read to its end
 * @throws MissingDependencyError, InvalidOptionsError
 */
export async function readArrow(
  source: FileSource,
  options: NamedColumnsOptions,
): Promise<InteractionTable> {
  const parsed = parseOptions('readArrow', namedColumnsSchema, options)
  return decodeTable('readArrow', 'Arrow', source, parsed)
}
