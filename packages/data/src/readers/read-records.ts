import {
  type Id,
  type InteractionRecord,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
} from '@gnnrec/graph'
import { abortable } from '../sources/abortable.js'
import { yieldToEventLoop } from '../sources/node-files.js'
import { TypedTable } from '../tables/typed-table.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/** A record whose ids are of any kind. */
export type AnyRecord = InteractionRecord<Id | bigint, Id | bigint>

const recordsPerTurn = 4096

/**
 * Reads interactions that come as objects `{user, item, rating?, timestamp?}` from any async iterable:
 * a database cursor, a message queue, lines that are parsed on the way. Arrays of records are taken too.
 *
 * 20 bytes a row are kept, no record is. For records in memory there is `fromRecords` of
 * `@gnnrec/graph`, whose rules hold here: ids of one type in each column (bigints become strings),
 * and ratings and timestamps for all records or for none.
 *
 * @throws InvalidInteractionsError with the number of the first record that is broken, or without any
 * @throws InvalidOptionsError
 */
export async function readRecords(
  records: AsyncIterable<AnyRecord | readonly AnyRecord[]>,
  options: ReaderOptions = {},
): Promise<InteractionTable> {
  const { signal } = parseOptions('readRecords', readerSchema, options)
  let table: TypedTable | undefined
  let sinceTurn = 0
  for await (const piece of abortable(records, signal)) {
    for (const record of Array.isArray(piece) ? (piece as AnyRecord[]) : [piece as AnyRecord]) {
      const number = table?.rows ?? 0
      if (record === null || typeof record !== 'object') {
        throw new InvalidInteractionsError(
          `Record ${number} is ${String(record)}; expected an object with 'user' and 'item'.`,
        )
      }
      table ??= new TypedTable({
        rowName: (row) => `Record ${row}`,
        hasRating: record.rating != null,
        hasTimestamp: record.timestamp != null,
        idType: { user: 'auto', item: 'auto' },
        bigints: 'strings',
      })
      table.add(record.user, record.item, record.rating, record.timestamp)
      if (++sinceTurn === recordsPerTurn) {
        sinceTurn = 0
        await yieldToEventLoop()
        signal?.throwIfAborted()
      }
    }
  }
  if (table === undefined) throw new InvalidInteractionsError('readRecords got no record.')
  return table.finish()
}
