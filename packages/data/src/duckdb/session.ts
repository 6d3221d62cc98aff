import type { DuckDBBlobValue, DuckDBConnection } from '@duckdb/node-api'
import { GnnRecError, type Id, InvalidInteractionsError } from '@gnnrec/graph'
import { textOrBytes } from '../columnar/column-kinds.js'

/**
 * The error for a query that DuckDB refused or could not finish. Its `cause` is DuckDB's own error.
 *
 * @example
 * ```ts
 * import { DuckDb, DuckDbError } from '@gnnrec/data/duckdb'
 *
 * const db = await DuckDb.open()
 * try {
 *   await db.query('SELECT * FROM missing')
 * } catch (error) {
 *   if (error instanceof DuckDbError) console.log(error.code, error.message)
 * }
 * await db.close()
 * ```
 */
export class DuckDbError extends GnnRecError<'DUCKDB'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DUCKDB', message, options)
  }
}

/** The type of the ids in a column. */
export type StoredIdType = 'number' | 'string'

/**
 * A handle of a table in DuckDB; the rows stay in DuckDB. The columns are `row` (the position in the
 * source), `user`, `item`, and `rating`, `timestamp` and `weight` when the source has them.
 */
export interface DuckDbTable {
  /** The name in DuckDB, for queries of your own. */
  readonly name: string
  /** The types of the user ids and the item ids. */
  readonly idTypes: { readonly user: StoredIdType; readonly item: StoredIdType }
  /** True when the table has ratings. */
  readonly hasRating: boolean
  /** True when the table has timestamps. */
  readonly hasTimestamp: boolean
  /** True when the table has weights. */
  readonly hasWeight: boolean
  /** The order of the rows: by their position in the source, or by time and then position. */
  readonly order: 'row' | 'time'
}

/** A connection that runs queries and names new tables. */
export class Session {
  readonly connection: DuckDBConnection
  readonly signal: AbortSignal | undefined
  #created = 0

  constructor(connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.connection = connection
    this.signal = signal
  }

  /** Returns a name that no table has yet. */
  newName(what: string): string {
    this.#created++
    return `${what}_${this.#created}`
  }

  /** Runs a statement and returns the number of rows that it changed. */
  async run(sql: string): Promise<number> {
    return this.guard(async () => (await this.connection.run(sql)).rowsChanged)
  }

  /** Runs a query and returns all its rows, with 64-bit integers as numbers. */
  async rows(sql: string): Promise<(number | string | boolean | null)[][]> {
    const rows = await this.values(sql)
    return rows.map((row) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : (value as string))),
    )
  }

  /** Runs a query and returns all its rows, with the values as DuckDB has them. */
  async values(sql: string): Promise<unknown[][]> {
    return this.guard(async () => (await this.connection.runAndReadAll(sql)).getRows())
  }

  /** Runs a query and returns its first row. */
  async row(sql: string): Promise<(number | string | boolean | null)[]> {
    return (await this.rows(sql))[0]
  }

  /** Runs a query and yields its columns, chunk by chunk, for large results. */
  async *chunks(sql: string): AsyncGenerator<(length: number) => readonly unknown[], void> {
    const result = await this.guard(() => this.connection.stream(sql))
    for (;;) {
      const chunk = await this.guard(() => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      yield (column) => chunk.getColumnValues(column)
    }
  }

  /** Runs an operation of DuckDB that the signal interrupts, and turns its errors into `DuckDbError`s. */
  async guard<T>(action: () => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted()
    const interrupt = (): void => this.connection.interrupt()
    this.signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await action()
    } catch (cause) {
      this.signal?.throwIfAborted()
      throw asDuckDbError(cause)
    } finally {
      this.signal?.removeEventListener('abort', interrupt)
    }
  }
}

function asDuckDbError(cause: unknown): unknown {
  if (GnnRecError.isInstance(cause)) return cause
  const { message } = cause as Error
  const advice = /out of memory/i.test(message)
    ? ' Raise memoryLimit, lower threads, or pass a folder with more space.'
    : ''
  return new DuckDbError(`DuckDB: ${message.trim()}${advice}`, { cause })
}

/** Returns a text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Returns a name as an identifier of SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Returns the SQL type of a column of ids. */
export function sqlIdType(type: StoredIdType): string {
  return type === 'number' ? 'BIGINT' : 'VARCHAR'
}

/** Returns the columns of a table, without `row`, as a list of SQL. */
export function valueColumns(table: DuckDbTable): string {
  return ['"user"', 'item', ...optionalColumns(table)].join(', ')
}

/** Returns the names of the columns that a table has beside `row`, `user` and `item`. */
export function optionalColumns({ hasRating, hasTimestamp, hasWeight }: DuckDbTable): string[] {
  return [
    ...(hasRating ? ['rating'] : []),
    ...(hasTimestamp ? ['timestamp'] : []),
    ...(hasWeight ? ['weight'] : []),
  ]
}

/** Returns the columns by which the rows are sorted, as a list of SQL. */
export function orderColumns({ order }: DuckDbTable): string {
  return order === 'time' ? 'timestamp, "row"' : '"row"'
}

/** Returns the distinct ids of a column in any order. */
export async function distinctIds(
  session: Session,
  table: DuckDbTable,
  what: 'user' | 'item',
): Promise<Id[]> {
  const ids: Id[] = []
  const isNumber = table.idTypes[what] === 'number'
  // Strings are fetched as bytes, because the package drops a byte-order mark at their start.
  const value = isNumber ? 'id' : 'encode(id)'
  const sql = `SELECT ${value} FROM (SELECT DISTINCT ${identifier(what)} AS id FROM ${identifier(table.name)})`
  for await (const column of session.chunks(sql)) {
    for (const id of column(0)) {
      ids.push(isNumber ? Number(id) : (textOrBytes((id as DuckDBBlobValue).bytes) as string))
    }
  }
  return ids
}

/**
 * Checks that a table has rows.
 *
 * @throws InvalidInteractionsError when it has none
 */
export async function rejectEmpty(
  session: Session,
  owner: string,
  table: DuckDbTable,
): Promise<void> {
  const [first] = await session.rows(`SELECT 1 FROM ${identifier(table.name)} LIMIT 1`)
  if (first) return
  throw new InvalidInteractionsError(`${owner} got a table without rows.`)
}

/**
 * Checks that a table has timestamps.
 *
 * @throws InvalidInteractionsError when it has none
 */
export function rejectTimeless(owner: string, { hasTimestamp }: DuckDbTable): void {
  if (hasTimestamp) return
  throw new InvalidInteractionsError(
    `${owner} got a table without timestamps. Read the column of timestamps too.`,
  )
}
