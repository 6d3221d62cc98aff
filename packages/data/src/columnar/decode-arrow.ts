import { GnnRecError } from '@gnnrec/graph'
import { type RecordBatch, RecordBatchReader, type Vector } from 'apache-arrow'
import { FileFormatError } from '../errors.js'
import {
  type FileSource,
  lookAhead,
  type OpenedSource,
  openSource,
} from '../sources/file-source.js'
import { collectPieces, copied } from '../sources/read-pieces.js'
import { arrowColumns, arrowValues } from './arrow-columns.js'
import { checkArrowFile, checkedArrowStream } from './check-arrow.js'
import { ColumnBatches } from './column-batches.js'
import { findColumns } from './column-kinds.js'
import { registerArrowDecoders } from './decoders.js'
import type { Decoded, DecodeRequest, TableSettings } from './requests.js'
import { rejectManyRows } from './row-limit.js'

/**
 * Decodes the wanted columns of Arrow data, batch by batch, or returns the columns that it has.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function decodeArrow(
  source: FileSource,
  { table, lz4 }: Pick<DecodeRequest, 'table' | 'lz4'>,
): Promise<Decoded> {
  await registerArrowDecoders(lz4)
  const { start, opened } = await lookAhead(await openSource(source), 8)
  const { name, close } = opened
  try {
    const reader = await openReader(start, opened)
    if (table !== undefined) return { table: await readTable(name, reader, table) }
    return { columns: arrowColumns(reader.batches.schema) }
  } catch (cause) {
    if (GnnRecError.isInstance(cause)) throw cause
    const { message } = cause as Error
    throw new FileFormatError(name, undefined, `cannot be read as Arrow: ${message}.`)
  } finally {
    await close()
  }
}

/** The batches of a source, and the number of bytes that were read for them. */
interface OpenedBatches {
  readonly batches: RecordBatchReader
  readonly read: { bytes: number }
}

async function openReader(start: Uint8Array, opened: OpenedSource): Promise<OpenedBatches> {
  const read = { bytes: 0 }
  const pieces = counted(opened.pieces, read)
  const isFile = new TextDecoder('latin1').decode(start.subarray(0, 6)) === 'ARROW1'
  if (!isFile && !start.subarray(0, 4).every((byte) => byte === 0xff)) {
    throw new Error('it does not begin like an Arrow file or stream')
  }
  let batches: RecordBatchReader
  if (isFile) {
    const bytes = await collectPieces(pieces)
    checkArrowFile(bytes)
    batches = RecordBatchReader.from(bytes)
  } else {
    batches = await RecordBatchReader.from(checkedArrowStream(copied(pieces)))
  }
  await batches.open()
  return { batches, read }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  read: { bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    read.bytes += piece.length
    yield piece
  }
}

async function readTable(
  name: string,
  { batches, read }: OpenedBatches,
  { columns, idType, maxRows }: TableSettings,
) {
  findColumns(name, columns, arrowColumns(batches.schema))
  const table = new ColumnBatches(name, columns, idType)
  for await (const batch of batches as AsyncIterable<RecordBatch>) {
    rejectManyRows(name, table.rows + batch.numRows, read.bytes, maxRows)
    await table.add((column) => arrowValues(batch.getChild(column) as Vector))
  }
  return table.finish()
}
