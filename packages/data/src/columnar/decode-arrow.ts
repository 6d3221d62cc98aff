import { GnnRecError } from '@gnnrec/graph'
import { type RecordBatch, RecordBatchReader, type Vector } from 'apache-arrow'
import { FileFormatError } from '../errors.js'
import {
  type FileSource,
  lookAhead,
  type OpenedSource,
  openSource,
} from '../sources/file-source.js'
import { readFileEnd } from '../sources/random-access.js'
import { collectPieces, copied } from '../sources/read-pieces.js'
import { arrowColumns, arrowValues } from './arrow-columns.js'
import {
  arrowEndLength,
  checkArrowEnd,
  checkArrowFile,
  checkedArrowStream,
  isArrowMagic,
} from './check-arrow.js'
import { ColumnBatches } from './column-batches.js'
import { findColumns } from './column-kinds.js'
import { registerArrowDecoders } from './decoders.js'
import type { ColumnSample, Decoded, DecodeRequest, TableSettings } from './requests.js'
import { rejectManyRows } from './row-limit.js'
import { isSampled, sampleOf } from './sample-values.js'
import { UnpackBudget } from './unpack-budget.js'

/**
 * Decodes the wanted columns of Arrow data, batch by batch, or returns the columns that it has.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError
 */
export async function decodeArrow(
  source: FileSource,
  { table, lz4 }: Pick<DecodeRequest, 'table' | 'lz4'>,
): Promise<Decoded> {
  const read = { bytes: 0 }
  const budget = new UnpackBudget('a batch', () => read.bytes)
  await registerArrowDecoders(lz4, budget)
  const { start, opened } = await lookAhead(await openSource(source), 8)
  const { name, close } = opened
  try {
    const batches = await openBatches(source, start, opened, read)
    if (table !== undefined)
      return { table: await readTable(name, { batches, read, budget }, table) }
    return { sample: await readSample(batches) }
  } catch (cause) {
    if (GnnRecError.isInstance(cause)) throw cause
    const { message } = cause as Error
    throw new FileFormatError(name, undefined, `cannot be read as Arrow: ${message}.`)
  } finally {
    await close()
  }
}

/** The number of bytes of a source that were read. */
interface ReadBytes {
  bytes: number
}

interface OpenedBatches {
  readonly batches: RecordBatchReader
  readonly read: Readonly<ReadBytes>
  /** The memory that a batch and the dictionaries may take. */
  readonly budget: UnpackBudget
}

async function openBatches(
  source: FileSource,
  start: Uint8Array,
  opened: OpenedSource,
  read: ReadBytes,
): Promise<RecordBatchReader> {
  const pieces = counted(opened.pieces, read)
  const isFile = isArrowMagic(start.subarray(0, 6))
  if (!isFile && !start.subarray(0, 4).every((byte) => byte === 0xff)) {
    throw new Error('it does not begin like an Arrow file or stream')
  }
  let batches: RecordBatchReader
  if (isFile) {
    // A file that was cut off is refused before all of it is read.
    const end = await readFileEnd(source, start, arrowEndLength)
    if (end) checkArrowEnd(end.bytes, end.byteLength)
    const bytes = await collectPieces(pieces)
    checkArrowFile(bytes)
    batches = RecordBatchReader.from(bytes)
  } else {
    batches = await RecordBatchReader.from(checkedArrowStream(copied(pieces)))
  }
  await batches.open()
  return batches
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  read: ReadBytes,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    read.bytes += piece.length
    yield piece
  }
}

/** Reads the columns of Arrow data and their values in the first batch that has rows. */
async function readSample(batches: RecordBatchReader): Promise<ColumnSample> {
  const columns = arrowColumns(batches.schema)
  for await (const batch of batches as AsyncIterable<RecordBatch>) {
    if (batch.numRows === 0) continue
    const values = columns.map(({ kind }, place) =>
      isSampled(kind) ? sampleOf(arrowValues(batch.getChildAt(place) as Vector), kind) : undefined,
    )
    return { columns, values }
  }
  return { columns, values: columns.map(() => undefined), rows: 0 }
}

async function readTable(
  name: string,
  { batches, read, budget }: OpenedBatches,
  { columns, idType, maxRows }: TableSettings,
) {
  findColumns(name, columns, arrowColumns(batches.schema))
  const table = new ColumnBatches(name, columns, idType)
  for await (const batch of batches as AsyncIterable<RecordBatch>) {
    rejectManyRows(name, table.rows + batch.numRows, read.bytes, maxRows)
    await table.add((column) => arrowValues(batch.getChild(column) as Vector))
    // Later batches add to the dictionaries, so they stay while all else is given up.
    const dictionaries = [...batch.dictionaries.values()]
    budget.restart(dictionaries.reduce((sum, { byteLength }) => sum + byteLength, 0))
  }
  return table.finish()
}
