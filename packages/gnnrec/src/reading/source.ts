import type { FileSource, InspectOptions } from '@gnnrec/data'
import type { DuckDb, DuckDbTable } from '@gnnrec/data/duckdb'
import type { Id, InteractionRecord, InteractionTable } from '@gnnrec/graph'

/** Records of events, as `fromRecords` of `@gnnrec/graph` takes them. */
export type EventRecord = InteractionRecord<Id | bigint, Id | bigint>

/** A table or a query of a database of DuckDB. */
export interface DuckDbEvents {
  /** The database. */
  readonly database: DuckDb
  /** A table of the database, or the text of a `SELECT`, whose columns are found by their names or by `columns`. */
  readonly events: DuckDbTable | string
}

/**
 * Events of users and items: a path or another source of a file (CSV and its like, Parquet, Arrow), records, an async
 * iterable of records, a table of interactions, or a table or query of DuckDB.
 */
export type EventSource =
  | FileSource
  | InteractionTable
  | readonly EventRecord[]
  | AsyncIterable<EventRecord | readonly EventRecord[]>
  | DuckDbEvents

/** The columns of some or all roles, by name or, in a file of text, by position from 0; false for one that is not read. */
export type EventColumns = NonNullable<InspectOptions['columns']>

/** Options of reading events. */
export interface ReadEventsOptions {
  readonly columns?: EventColumns | undefined
  /** True when the first line of a file of text has names. */
  readonly header?: boolean | undefined
  /** The order of day and month in the times of a file of text. */
  readonly timestampFormat?: 'day-first' | 'month-first' | undefined
  /** Most bytes that the table may take. */
  readonly maxMemory?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Events in memory, and what was recognized in their source. */
export interface ReadEvents {
  readonly table: InteractionTable
  /** The source, for people: the path of a file, `records` and the like. */
  readonly name: string
  /** The columns that were read. Absent for a source whose columns have no names. */
  readonly columns?: EventColumns
  /** Sentences about possible problems. */
  readonly warnings: readonly string[]
}

export function isTable(source: unknown): source is InteractionTable {
  const table = source as Partial<InteractionTable> | null
  return (
    typeof table === 'object' &&
    table?.userIndex instanceof Int32Array &&
    table.itemIndex instanceof Int32Array
  )
}

export function isDuckDb(source: unknown): source is DuckDbEvents {
  return typeof source === 'object' && source !== null && 'database' in source && 'events' in source
}

export function isAsyncIterable(source: unknown): source is AsyncIterable<unknown> {
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source
}
