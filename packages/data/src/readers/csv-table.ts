import type { InteractionTable } from '@gnnrec/graph'
import type { OpenedSource } from '../sources/file-source.js'
import type { ReadCount } from '../sources/read-pieces.js'
import { GrowingColumn } from '../tables/growing-column.js'
import type { IdType } from '../tables/id-type.js'
import { tableOfCodes } from '../tables/table-of-codes.js'
import { TextIds } from '../tables/text-ids.js'
import { type DecimalMark, numberIn } from './parse-number.js'
import type { RecordView } from './record-scanner.js'
import { rejectEmptyId, rejectTextId } from './record-values.js'

/** The positions of the columns in a record; -1 stands for a column that is not read. */
export interface ColumnPlaces {
  readonly user: number
  readonly item: number
  readonly rating: number
  readonly timestamp: number
  readonly weight: number
}

/** The settings with which the fields of a delimited file become a table. */
export interface CsvTableForm {
  readonly places: ColumnPlaces
  readonly idType: { readonly user: IdType; readonly item: IdType }
  readonly encoding: 'utf-8' | 'latin1'
  /** The character before the decimals of ratings and weights. */
  readonly decimal: DecimalMark
  /** A function that reads a timestamp from its field. */
  readonly timestampIn: (record: RecordView, field: number, file: string) => number
}

/** A collector of the records of a delimited file. */
export interface RecordCollector {
  /** The number of rows so far. */
  readonly rows: number
  /** Adds a record, whose fields are valid until the next one. */
  add(record: RecordView): void
  /** Stores the added records. It is called between two pieces of the file and at its end. */
  flush?(): Promise<void>
}

/** The number of rows after which their average length is known well enough. */
const rowsToJudge = 1 << 15

/** A collector that joins the records of a delimited file into a table, which takes 20 to 24 bytes a row. */
export class CsvTable implements RecordCollector {
  readonly #file: string
  readonly #count: ReadCount
  /** The number of rows that fit before the total is estimated again. */
  #room = rowsToJudge
  readonly #form: CsvTableForm
  readonly #ids = { user: new TextIds(), item: new TextIds() }
  readonly #codes = { user: new GrowingColumn(Int32Array), item: new GrowingColumn(Int32Array) }
  readonly #rating = new GrowingColumn(Float32Array)
  readonly #timestamp = new GrowingColumn(Float64Array)
  readonly #weight = new GrowingColumn(Float32Array)

  constructor({ name, count }: OpenedSource, form: CsvTableForm) {
    this.#file = name
    this.#count = count
    this.#form = form
  }

  /** The number of rows so far. */
  get rows(): number {
    return this.#codes.user.length
  }

  /**
   * Adds a record.
   *
   * @throws FileFormatError for an empty id, an id that should be a number but is not, and a rating,
   * timestamp or weight that does not fit
   */
  add(record: RecordView): void {
    const { places, timestampIn, decimal } = this.#form
    const file = this.#file
    if (this.rows === this.#room) this.#makeRoom(this.#count)
    this.#addId(record, 'user', places.user)
    this.#addId(record, 'item', places.item)
    if (places.rating >= 0) {
      this.#rating.push(numberIn(record, places.rating, 'rating', file, decimal))
    }
    if (places.timestamp >= 0) this.#timestamp.push(timestampIn(record, places.timestamp, file))
    if (places.weight >= 0) {
      this.#weight.push(numberIn(record, places.weight, 'weight', file, decimal))
    }
  }

  /**
   * Makes room for all rows at once, estimated from the part of the file that was read. Growing step by
   * step would hold the old and the new columns in memory at the same time.
   */
  #makeRoom({ read, total }: ReadCount): void {
    const expected = total === undefined || read === 0 ? 0 : (this.rows / read) * total * 1.1
    const rows = Math.ceil(Math.max(expected, this.rows * 1.25))
    this.#room = rows
    for (const column of [this.#codes.user, this.#codes.item]) column.reserve(rows)
    if (this.#form.places.rating >= 0) this.#rating.reserve(rows)
    if (this.#form.places.timestamp >= 0) this.#timestamp.reserve(rows)
    if (this.#form.places.weight >= 0) this.#weight.reserve(rows)
  }

  /** Returns the table. No rows can be added afterwards. */
  finish(): InteractionTable {
    const { places, idType, encoding } = this.#form
    const column = (what: 'user' | 'item') => ({
      distinct: this.#ids[what].ids(idType[what], encoding),
      codes: this.#codes[what].take(),
    })
    return tableOfCodes({
      user: column('user'),
      item: column('item'),
      rating: places.rating >= 0 ? this.#rating.take() : undefined,
      timestamp: places.timestamp >= 0 ? this.#timestamp.take() : undefined,
      weight: places.weight >= 0 ? this.#weight.take() : undefined,
    })
  }

  #addId(record: RecordView, what: 'user' | 'item', place: number): void {
    const ids = this.#ids[what]
    rejectEmptyId(record, place, what, this.#file)
    const known = ids.size
    this.#codes[what].push(ids.code(record.bytes, record.starts[place], record.ends[place]))
    if (ids.size === known || this.#form.idType[what] !== 'number') return
    rejectTextId(record, place, what, this.#file)
  }
}
