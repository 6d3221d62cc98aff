import type { DuckDBConnection } from '@duckdb/node-api'
import { GnnRecError, type Id, InvalidInteractionsError } from '@gnnrec/graph'

/** A query that DuckDB refused or could not finish; `cause` holds its own error. */
export class DuckDbError extends GnnRecError<'DUCKDB'> {
  constructor(message: string, options?: { cause?: unknown }) {
    super('DUCKDB', message, options)
  }
}

/** The kind of ids in a column. */
export type StoredIdType = 'number' | 'string'

/**
 * A table of interactions inside DuckDB: columns `row` (its place in the source), `user`, `item`, and
 * `rating` and `timestamp` where the source has them. It is a handle; the rows stay in DuckDB.
 */
export interface DuckDbTable {
  /** Its name in DuckDB, for queries of your own. */
  readonly name: string
  readonly idTypes: { readonly user: StoredIdType; readonly item: StoredIdType }
  readonly hasRating: boolean
  readonly hasTimestamp: boolean
  /** Whether rows go by their place in the source, or by time and then place. */
  readonly order: 'row' | 'time'
}

/** Runs queries on one connection, and names new tables. */
export class Session {
  readonly connection: DuckDBConnection
  readonly #signal: AbortSignal | undefined
  #created = 0

  constructor(connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.connection = connection
    this.#signal = signal
  }

  /** A name that no table has yet. */
  newName(what: string): string {
    this.#created++
    return `${what}_${this.#created}`
  }

  /** Runs a statement; gives the number of rows that it changed. */
  async run(sql: string): Promise<number> {
    return this.#guarded(async () => (await this.connection.run(sql)).rowsChanged)
  }

  /** All rows of a small result, integers of 64 bits as numbers. */
  async rows(sql: string): Promise<(number | string | boolean | null)[][]> {
    const rows = await this.#guarded(async () => {
      const reader = await this.connection.runAndReadAll(sql)
      return reader.getRows()
    })
    return rows.map((row) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : (value as string))),
    )
  }

  /** The one row of a result. */
  async row(sql: string): Promise<(number | string | boolean | null)[]> {
    return (await this.rows(sql))[0]
  }

  /** The columns of a large result, chunk by chunk. */
  async *chunks(sql: string): AsyncGenerator<(length: number) => readonly unknown[], void> {
    const result = await this.#guarded(() => this.connection.stream(sql))
    for (;;) {
      const chunk = await this.#guarded(() => result.fetchChunk())
      if (chunk === null || chunk.rowCount === 0) return
      yield (column) => chunk.getColumnValues(column)
    }
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted()
    const interrupt = (): void => this.connection.interrupt()
    this.#signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await action()
    } catch (cause) {
      this.#signal?.throwIfAborted()
      throw asDuckDbError(cause)
    } finally {
      this.#signal?.removeEventListener('abort', interrupt)
    }
  }
}

function asDuckDbError(cause: unknown): unknown {
  if (GnnRecError.isInstance(cause)) return cause
  const { message } = cause as Error
  const advice = /out of memory/i.test(message)
    ? ' Raise memoryLimit, lower threads, or give a folder with more room.'
    : ''
  return new DuckDbError(`DuckDB: ${message.trim()}${advice}`, { cause })
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A name as an identifier of SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The columns of a table as a list of SQL, without `row`. */
export function valueColumns({ hasRating, hasTimestamp }: DuckDbTable): string {
  const columns = ['"user"', 'item', ...(hasRating ? ['rating'] : [])]
  return [...columns, ...(hasTimestamp ? ['timestamp'] : [])].join(', ')
}

/** What rows are sorted by. */
export function orderColumns({ order }: DuckDbTable): string {
  return order === 'time' ? 'timestamp, "row"' : '"row"'
}

/** The distinct ids of a column, in no order. */
export async function distinctIds(
  session: Session,
  table: DuckDbTable,
  what: 'user' | 'item',
): Promise<Id[]> {
  const ids: Id[] = []
  const isNumber = table.idTypes[what] === 'number'
  const sql = `SELECT DISTINCT ${identifier(what)} FROM ${identifier(table.name)}`
  for await (const column of session.chunks(sql)) {
    for (const id of column(0)) ids.push(isNumber ? Number(id) : (id as string))
  }
  return ids
}

/** @throws InvalidInteractionsError when there is no row at all */
export async function rejectEmpty(
  session: Session,
  owner: string,
  table: DuckDbTable,
): Promise<void> {
  const [first] = await session.rows(`SELECT 1 FROM ${identifier(table.name)} LIMIT 1`)
  if (first) return
  throw new InvalidInteractionsError(`${owner} got a table without rows.`)
}

/** @throws InvalidInteractionsError when the table has no timestamps */
export function rejectTimeless(owner: string, { hasTimestamp }: DuckDbTable): void {
  if (hasTimestamp) return
  throw new InvalidInteractionsError(
    `${owner} got a table without timestamps. Read them with the column timestamp.`,
  )
}
