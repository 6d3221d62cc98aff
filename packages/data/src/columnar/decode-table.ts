import { IdMap, type InteractionTable } from '@gnnrec/graph'
import type { FileSource } from '../sources/file-source.js'
import type { ColumnarFormat, ColumnSample, SentTable, TableSettings } from './requests.js'
import { decodeInThread } from './thread-decoder.js'

/** The time in seconds that decoding one piece of a file may take by default. */
export const defaultMaxDecodeSeconds = 60

/**
 * Decodes a table from columns of a file, in a thread of its own.
 *
 * @throws FileFormatError, FileReadError, MissingDependencyError, InvalidOptionsError
 */
export async function decodeTable(
  owner: string,
  format: ColumnarFormat,
  source: FileSource,
  {
    columns,
    idType,
    maxRows,
    maxDecodeSeconds,
    signal,
  }: TableSettings & {
    readonly maxDecodeSeconds: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<InteractionTable> {
  const result = await decodeInThread(
    source,
    { format, table: { columns, idType, maxRows } },
    { owner, maxDecodeSeconds, signal },
  )
  const { users, items, userIndex, itemIndex, rating, timestamp, weight } = (
    result as { table: SentTable }
  ).table
  return {
    users: IdMap.from(users),
    items: IdMap.from(items),
    userIndex,
    itemIndex,
    ...(rating && { rating }),
    ...(timestamp && { timestamp }),
    ...(weight && { weight }),
  }
}

/**
 * Returns the columns of a file and its first rows, which are decoded in a thread of their own.
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function decodeSample(
  owner: string,
  format: ColumnarFormat,
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<ColumnSample> {
  const limits = { owner, maxDecodeSeconds: defaultMaxDecodeSeconds, signal }
  const result = await decodeInThread(source, { format }, limits)
  return (result as { sample: ColumnSample }).sample
}
