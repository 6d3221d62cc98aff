import { type InteractionTable, InvalidInteractionsError, yieldToEventLoop } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { TypedTable } from '../tables/typed-table.js'
import type { TableSettings } from './requests.js'

/** The values of one column in a batch of rows. */
export interface BatchColumn {
  readonly length: number
  at(row: number): unknown
}

const rowsPerTurn = 1 << 15

/**
 * A collector that joins batches of typed columns, as Parquet and Arrow have them, into a table. Messages
 * count rows from the first row given.
 */
export class ColumnBatches {
  readonly #file: string
  readonly #columns: TableSettings['columns']
  readonly #table: TypedTable

  constructor(
    file: string,
    columns: TableSettings['columns'],
    idType: TableSettings['idType'],
    firstRow = 0,
  ) {
    this.#file = file
    this.#columns = columns
    this.#table = new TypedTable({
      rowName: (row) => `row ${firstRow + row + 1}`,
      hasRating: columns.rating !== undefined,
      hasTimestamp: columns.timestamp !== undefined,
      hasWeight: columns.weight !== undefined,
      idType,
      bigints: 'integers',
    })
  }

  /** The number of rows so far. */
  get rows(): number {
    return this.#table.rows
  }

  /**
   * Adds the rows of a batch.
   *
   * @throws FileFormatError when a value is missing or has the wrong type; the message names the row
   */
  async add(column: (name: string) => BatchColumn): Promise<void> {
    const { user, item, rating, timestamp, weight } = this.#columns
    const users = column(user)
    const items = column(item)
    const ratings = rating === undefined ? undefined : column(rating)
    const timestamps = timestamp === undefined ? undefined : column(timestamp)
    const weights = weight === undefined ? undefined : column(weight)
    try {
      for (let row = 0; row < users.length; row++) {
        this.#table.add({
          user: users.at(row),
          item: items.at(row),
          rating: rounded(ratings?.at(row)),
          timestamp: plainNumber(timestamps?.at(row)),
          weight: rounded(weights?.at(row)),
        })
        if (row % rowsPerTurn === rowsPerTurn - 1) await yieldToEventLoop()
      }
    } catch (error) {
      throw error instanceof InvalidInteractionsError
        ? new FileFormatError(this.#file, undefined, error.message)
        : error
    }
  }

  /**
   * Returns the table of all rows.
   *
   * @throws FileFormatError when there are no rows
   */
  finish(): InteractionTable {
    if (this.#table.rows > 0) return this.#table.finish()
    throw new FileFormatError(this.#file, undefined, 'the file has no rows.')
  }
}

/**
 * Turns a bigint into a number. Integers of 64 bits are read as bigints even when they are small. One
 * that a number cannot hold stays a bigint, so that a message shows it as it is.
 */
function plainNumber(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** Turns a bigint into the nearest number, which is exact enough for a rating or a weight. */
function rounded(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
