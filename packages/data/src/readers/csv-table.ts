import type { InteractionTable } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import type { OpenedSource } from '../sources/file-source.js'
import type { ReadCount } from '../sources/read-pieces.js'
import { GrowingColumn } from '../tables/growing-column.js'
import { type IdType, isCanonicalInteger } from '../tables/id-type.js'
import { tableOfCodes } from '../tables/table-of-codes.js'
import { TextIds } from '../tables/text-ids.js'
import { numberIn } from './parse-number.js'
import type { RecordView } from './record-scanner.js'

/** Positions of the columns in a record; -1 for one that is not read. */
export interface ColumnPlaces {
  readonly user: number
  readonly item: number
  readonly rating: number
  readonly timestamp: number
}

/** How the fields of a delimited file become a table. */
export interface CsvTableForm {
  readonly places: ColumnPlaces
  readonly idType: { readonly user: IdType; readonly item: IdType }
  readonly encoding: 'utf-8' | 'latin1'
  /** Reads the timestamp from its field, where that is not simply a number. */
  readonly timestampIn?: (record: RecordView, field: number, file: string) => number
}

/** After so many rows it is known well enough how long they are. */
const rowsToJudge = 1 << 15

/** Gathers the records of a delimited file into the columns of a table, 20 bytes a row. */
export class CsvTable {
  readonly #file: string
  readonly #count: ReadCount
  /** So many rows fit before it is judged anew how many there will be. */
  #room = rowsToJudge
  readonly #form: CsvTableForm
  readonly #ids = { user: new TextIds(), item: new TextIds() }
  readonly #codes = { user: new GrowingColumn(Int32Array), item: new GrowingColumn(Int32Array) }
  readonly #rating = new GrowingColumn(Float32Array)
  readonly #timestamp = new GrowingColumn(Float64Array)

  constructor({ name, count }: OpenedSource, form: CsvTableForm) {
    this.#file = name
    this.#count = count
    this.#form = form
  }

  /** Number of rows so far. */
  get rows(): number {
    return this.#codes.user.length
  }

  /** @throws FileFormatError for an empty id, one that is no number where asked for, or no number */
  add(record: RecordView): void {
    const { places, timestampIn } = this.#form
    if (this.rows === this.#room) this.#makeRoom(this.#count)
    this.#addId(record, 'user', places.user)
    this.#addId(record, 'item', places.item)
    if (places.rating >= 0) {
      const rating = numberIn(record, places.rating, 'rating', this.#file)
      if (!Number.isFinite(Math.fround(rating))) this.#rejectLarge(record, rating)
      this.#rating.push(rating)
    }
    if (places.timestamp >= 0) {
      this.#timestamp.push(
        timestampIn
          ? timestampIn(record, places.timestamp, this.#file)
          : numberIn(record, places.timestamp, 'timestamp', this.#file),
      )
    }
  }

  /**
   * Makes room for all rows at once, judged by how many there are in the part of the file that was
   * read: to grow step by step would hold old and new columns at the same time.
   */
  #makeRoom({ read, total }: ReadCount): void {
    const expected = total === undefined || read === 0 ? 0 : (this.rows / read) * total * 1.1
    const rows = Math.ceil(Math.max(expected, this.rows * 1.25))
    this.#room = rows
    for (const column of [this.#codes.user, this.#codes.item]) column.reserve(rows)
    if (this.#form.places.rating >= 0) this.#rating.reserve(rows)
    if (this.#form.places.timestamp >= 0) this.#timestamp.reserve(rows)
  }

  /** The table; nothing can be added afterwards. */
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
    })
  }

  #rejectLarge(record: RecordView, rating: number): never {
    throw new FileFormatError(
      this.#file,
      record.line,
      `got the rating ${rating}, expected one that fits single precision (below 3.4e38).`,
    )
  }

  #addId(record: RecordView, what: 'user' | 'item', place: number): void {
    const ids = this.#ids[what]
    const start = record.starts[place]
    const end = record.ends[place]
    if (start === end) {
      throw new FileFormatError(this.#file, record.line, `the ${what} is empty.`)
    }
    const known = ids.size
    this.#codes[what].push(ids.code(record.bytes, start, end))
    if (ids.size === known || this.#form.idType[what] !== 'number') return
    const text = record.text(place)
    if (isCanonicalInteger(text)) return
    throw new FileFormatError(
      this.#file,
      record.line,
      `got the ${what} ${JSON.stringify(text)}, expected a safe integer without leading zeros. Pass idType: 'string' or 'auto' to keep ids as text.`,
    )
  }
}
