import {
  type Id,
  type InteractionRecord,
  type InteractionTable,
  InvalidInteractionsError,
  parseOptions,
  yieldToEventLoop,
} from '@gnnrec/graph'
import { RecordCheck } from '@gnnrec/graph/files'
import { abortable } from '../sources/abortable.js'
import { TypedTable } from '../tables/typed-table.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/** An interaction whose ids are strings, numbers or bigints. */
type AnyRecord = InteractionRecord<Id | bigint, Id | bigint>

const recordsPerTurn = 4096

/**
 * Reads interactions from any async iterable of objects `{user, item, rating?, timestamp?, weight?}`,
 * such as a database cursor or a message queue. The iterable may also yield arrays of such objects.
 *
 * The records are not kept; the table takes 20 bytes a row, and 4 more for weights. All ids of a column must
 * have one type (bigints become strings), and either all records or none have a rating, and likewise a
 * timestamp and a weight. Other fields are left out, except for those that `fromRecords` takes for a mistake.
 * Records that are in memory already are read by `fromRecords` of `@gnnrec/graph`.
 *
 * @example
 * ```ts
 * import { readRecords } from '@gnnrec/data'
 *
 * async function* orders() {
 *   yield { user: 'ana', item: 'lamp', timestamp: 3 }
 *   yield { user: 'bob', item: 'desk', timestamp: 4 }
 * }
 * const table = await readRecords(orders())
 * console.log(table.users.ids, table.timestamp)
 * ```
 *
 * @throws InvalidInteractionsError when a record breaks these rules (the message gives its number) or
 * there are no records
 * @throws InvalidOptionsError
 */
export async function readRecords(
  records: AsyncIterable<AnyRecord | readonly AnyRecord[]>,
  options: ReaderOptions = {},
): Promise<InteractionTable> {
  const { signal } = parseOptions('readRecords', readerSchema, options)
  let table: TypedTable | undefined
  const fields = new RecordCheck()
  let sinceTurn = 0
  for await (const piece of abortable(records, signal)) {
    for (const record of Array.isArray(piece) ? (piece as AnyRecord[]) : [piece as AnyRecord]) {
      fields.check(record, table?.rows ?? 0)
      table ??= new TypedTable({
        rowName: (row) => `Record ${row}`,
        hasRating: record.rating != null,
        hasTimestamp: record.timestamp != null,
        hasWeight: record.weight != null,
        idType: { user: 'auto', item: 'auto' },
        bigints: 'strings',
      })
      table.add(record)
      if (++sinceTurn === recordsPerTurn) {
        sinceTurn = 0
        await yieldToEventLoop()
        signal?.throwIfAborted()
      }
    }
  }
  if (table === undefined) throw new InvalidInteractionsError('readRecords got no records.')
  return table.finish()
}
