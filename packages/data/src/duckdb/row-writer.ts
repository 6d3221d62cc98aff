import type { DuckDBAppender } from '@duckdb/node-api'
import type { Id } from '@gnnrec/graph'
import type { DuckDbTable, Session, StoredIdType } from './session.js'
import { sqlIdType } from './session.js'

/** The columns of a table of DuckDB that is being written. */
interface WrittenColumns {
  readonly hasRating: boolean
  readonly hasTimestamp: boolean
  readonly hasWeight: boolean
  /** The types of the ids at the start. A column of numbers becomes one of strings with its first string. */
  readonly idTypes: { readonly user: StoredIdType; readonly item: StoredIdType }
}

/** A row whose values were checked. */
interface WrittenRow {
  readonly user: Id
  readonly item: Id
  readonly rating: number | undefined
  readonly timestamp: number | undefined
  readonly weight: number | undefined
}

/** A writer of rows into a new table of DuckDB. */
export class RowWriter {
  readonly #session: Session
  readonly #name: string
  readonly #columns: WrittenColumns
  readonly #idTypes: { user: StoredIdType; item: StoredIdType }
  /** The values of the rows that are not stored yet. */
  readonly #pending = {
    user: [] as Id[],
    item: [] as Id[],
    rating: [] as number[],
    timestamp: [] as number[],
    weight: [] as number[],
  }
  #appender: DuckDBAppender | undefined
  #stored = 0

  constructor(session: Session, columns: WrittenColumns) {
    this.#session = session
    this.#name = session.newName('table')
    this.#columns = columns
    this.#idTypes = { user: columns.idTypes.user, item: columns.idTypes.item }
  }

  /** The number of rows so far. */
  get rows(): number {
    return this.#stored + this.#pending.user.length
  }

  /** Adds a row. It stays in memory until the next call of `flush`. */
  add({ user, item, rating, timestamp, weight }: WrittenRow): void {
    this.#pending.user.push(user)
    this.#pending.item.push(item)
    if (rating !== undefined) this.#pending.rating.push(rating)
    if (timestamp !== undefined) this.#pending.timestamp.push(timestamp)
    if (weight !== undefined) this.#pending.weight.push(weight)
  }

  /** Stores the rows that were added. */
  async flush(): Promise<void> {
    if (this.#stored === 0) await this.#create()
    await this.#allowStrings('user')
    await this.#allowStrings('item')
    await this.#session.guard(async () => {
      this.#appender ??= await this.#session.connection.createAppender(this.#name)
      this.#append(this.#appender)
    })
    this.#stored = this.rows
    for (const values of Object.values(this.#pending)) values.length = 0
  }

  /** Stores the last rows and returns the table. */
  async finish(): Promise<DuckDbTable> {
    await this.flush()
    await this.#close()
    return {
      name: this.#name,
      idTypes: this.#idTypes,
      order: 'row',
      hasRating: this.#columns.hasRating,
      hasTimestamp: this.#columns.hasTimestamp,
      hasWeight: this.#columns.hasWeight,
    }
  }

  /** Removes the table. */
  async drop(): Promise<void> {
    this.#appender?.clear()
    this.#appender?.closeSync()
    await this.#session.connection.run(`DROP TABLE IF EXISTS ${this.#name}`)
  }

  async #create(): Promise<void> {
    const { hasRating, hasTimestamp, hasWeight } = this.#columns
    const columns = [
      '"row" BIGINT',
      `"user" ${sqlIdType(this.#idTypes.user)}`,
      `item ${sqlIdType(this.#idTypes.item)}`,
      ...(hasRating ? ['rating FLOAT'] : []),
      ...(hasTimestamp ? ['timestamp DOUBLE'] : []),
      ...(hasWeight ? ['weight FLOAT'] : []),
    ]
    await this.#session.run(`CREATE TABLE IF NOT EXISTS ${this.#name} (${columns.join(', ')})`)
  }

  /** Turns a column of numbers into one of strings when a string is to be stored. */
  async #allowStrings(what: 'user' | 'item'): Promise<void> {
    if (this.#idTypes[what] === 'string') return
    if (!this.#pending[what].some((id) => typeof id === 'string')) return
    await this.#close()
    await this.#session.run(`ALTER TABLE ${this.#name} ALTER COLUMN "${what}" TYPE VARCHAR`)
    this.#idTypes[what] = 'string'
  }

  #append(appender: DuckDBAppender): void {
    const { user, item, rating, timestamp, weight } = this.#pending
    const { hasRating, hasTimestamp, hasWeight } = this.#columns
    const appendId = (id: Id, type: StoredIdType): void => {
      if (type === 'number') appender.appendBigInt(BigInt(id))
      else appender.appendVarchar(String(id))
    }
    for (let place = 0; place < user.length; place++) {
      appender.appendBigInt(BigInt(this.#stored + place))
      appendId(user[place], this.#idTypes.user)
      appendId(item[place], this.#idTypes.item)
      if (hasRating) appender.appendFloat(rating[place])
      if (hasTimestamp) appender.appendDouble(timestamp[place])
      if (hasWeight) appender.appendFloat(weight[place])
      appender.endRow()
    }
  }

  async #close(): Promise<void> {
    await this.#session.guard(async () => this.#appender?.closeSync())
    this.#appender = undefined
  }
}
