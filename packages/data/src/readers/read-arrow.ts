import { GnnRecError, type InteractionTable, parseOptions } from '@gnnrec/graph'
import type { RecordBatch, Vector } from 'apache-arrow'
import { FileFormatError } from '../errors.js'
import {
  type FileSource,
  lookAhead,
  type OpenedSource,
  openSource,
} from '../sources/file-source.js'
import { importOptional } from '../sources/import-optional.js'
import { copied } from '../sources/read-pieces.js'
import { arrowColumns, arrowValues } from './arrow-columns.js'
import { ColumnBatches } from './column-batches.js'
import { findColumns, type TypedColumn } from './column-kinds.js'
import { registerArrowDecoders } from './decoders.js'
import { type NamedColumnsOptions, namedColumnsSchema } from './named-columns.js'

/**
 * Reads interactions from Apache Arrow data: a stream is read batch by batch, a file (Feather version 2)
 * is held in memory while it is read.
 *
 * It needs the package `apache-arrow`, an optional peer dependency. Buffers compressed by Zstandard are
 * unpacked; those compressed by LZ4, which pandas writes by default, need the package `lz4-napi` too, or
 * have to be written with `compression="zstd"` or `"uncompressed"`.
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
 * and a file without rows
 * @throws FileReadError when the source cannot be opened or read to its end
 * @throws MissingDependencyError, InvalidOptionsError
 */
export async function readArrow(
  source: FileSource,
  options: NamedColumnsOptions,
): Promise<InteractionTable> {
  const { columns, idType, signal } = parseOptions('readArrow', namedColumnsSchema, options)
  const arrow = await importOptional('readArrow', 'apache-arrow', () => import('apache-arrow'))
  await registerArrowDecoders(arrow)
  const { start, opened } = await lookAhead(await openSource(source, signal), 8)
  const { name, pieces, close } = opened
  const failed = (cause: unknown): never => {
    if (GnnRecError.isInstance(cause)) throw cause
    signal?.throwIfAborted()
    const { message } = cause as Error
    throw new FileFormatError(name, undefined, `cannot be read as Arrow: ${message}.`)
  }
  if (!isArrow(start)) {
    await close()
    failed(new Error('it does not begin like an Arrow file or stream'))
  }
  const batches = new ColumnBatches(name, columns, idType)
  try {
    const reader = await arrow.RecordBatchReader.from(copied(pieces))
    await reader.open()
    findColumns(name, columns, arrowColumns(arrow, reader.schema))
    for await (const batch of reader as AsyncIterable<RecordBatch>) {
      const valuesOf = (column: string) => arrowValues(arrow, batch.getChild(column) as Vector)
      await batches.add(valuesOf, signal)
    }
  } catch (cause) {
    failed(cause)
  } finally {
    await close()
  }
  return batches.finish()
}

/**
 * Returns true for the start of Arrow data: a file begins with `ARROW1`, a stream with the mark of a
 * message.
 */
function isArrow(start: Uint8Array): boolean {
  const isFile = new TextDecoder('latin1').decode(start.subarray(0, 6)) === 'ARROW1'
  return isFile || start.subarray(0, 4).every((byte) => byte === 0xff)
}

/**
 * Returns the columns of Arrow data.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function arrowSchema({ name, pieces, close }: OpenedSource): Promise<TypedColumn[]> {
  const arrow = await importOptional('inspectFile', 'apache-arrow', () => import('apache-arrow'))
  try {
    const reader = await arrow.RecordBatchReader.from(copied(pieces))
    await reader.open()
    return arrowColumns(arrow, reader.schema)
  } catch (cause) {
    const { message } = cause as Error
    throw new FileFormatError(name, undefined, `cannot be read as Arrow: ${message}.`)
  } finally {
    await close()
  }
}
