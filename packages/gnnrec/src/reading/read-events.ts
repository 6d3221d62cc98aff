import { readRecords } from '@gnnrec/data'
import { checkInteractions, fromRecords, type Id, type InteractionRecord } from '@gnnrec/graph'
import { readDuckDb } from './read-duckdb.js'
import { readFile } from './read-file.js'
import {
  type EventRecord,
  type EventSource,
  isAsyncIterable,
  isDuckDb,
  isTable,
  type ReadEvents,
  type ReadEventsOptions,
} from './source.js'

/**
 * Reads events from any source.
 *
 * @throws UnclearFileError when the columns of a file are not certain
 * @throws DataTooLargeError for a file whose table would take too much memory
 */
export async function readEvents(
  source: EventSource,
  options: ReadEventsOptions,
): Promise<ReadEvents> {
  const { signal } = options
  if (isTable(source)) {
    checkInteractions(source)
    return { table: source, name: 'the table', warnings: [] }
  }
  if (Array.isArray(source)) {
    const table = fromRecords(source as readonly InteractionRecord<Id, Id>[])
    return { table, name: 'the records', warnings: [] }
  }
  if (isDuckDb(source)) return readDuckDb(source, options)
  if (isAsyncIterable(source)) {
    const { first, all } = await withFirst(source)
    if (first === undefined || typeof first === 'string' || first instanceof Uint8Array) {
      return readFile(all as AsyncIterable<Uint8Array | string>, options)
    }
    const records = all as AsyncIterable<EventRecord | readonly EventRecord[]>
    const table = await readRecords(records, { signal })
    return { table, name: 'the records', warnings: [] }
  }
  return readFile(source as Exclude<typeof source, readonly unknown[]>, options)
}

/** Looks at the first piece of a stream, which still yields it. */
async function withFirst(
  source: AsyncIterable<unknown>,
): Promise<{ first: unknown; all: AsyncIterable<unknown> }> {
  const iterator = source[Symbol.asyncIterator]()
  const { value: first, done } = await iterator.next()
  const all = (async function* () {
    try {
      if (done) return
      yield first
      while (true) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  })()
  return { first, all }
}
