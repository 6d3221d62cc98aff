import type { Id } from '@gnnrec/graph'
import type { CsvTableForm, RecordCollector } from '../readers/csv-table.js'
import { numberIn } from '../readers/parse-number.js'
import type { RecordView } from '../readers/record-scanner.js'
import { rejectEmptyId, rejectTextId } from '../readers/record-values.js'
import { isCanonicalInteger } from '../readers/text-values.js'
import { RowWriter } from './row-writer.js'
import type { DuckDbTable, Session, StoredIdType } from './session.js'

/** A collector that writes the records of a delimited file into a table of DuckDB. */
export class CsvRows implements RecordCollector {
  readonly #file: string
  readonly #form: CsvTableForm
  readonly #writer: RowWriter
  /** True for a column of ids that has a text or is to have texts alone. */
  readonly #hasText: { user: boolean; item: boolean }

  constructor(session: Session, file: string, form: CsvTableForm) {
    const { idType, places } = form
    this.#file = file
    this.#form = form
    this.#hasText = { user: idType.user === 'string', item: idType.item === 'string' }
    const stored = (isText: boolean): StoredIdType => (isText ? 'string' : 'number')
    this.#writer = new RowWriter(session, {
      hasRating: places.rating >= 0,
      hasTimestamp: places.timestamp >= 0,
      hasWeight: places.weight >= 0,
      idTypes: { user: stored(this.#hasText.user), item: stored(this.#hasText.item) },
    })
  }

  get rows(): number {
    return this.#writer.rows
  }

  /**
   * Adds a record.
   *
   * @throws FileFormatError for the same reasons as `CsvTable`
   */
  add(record: RecordView): void {
    const { places, timestampIn, decimal } = this.#form
    const file = this.#file
    this.#writer.add({
      user: this.#id(record, 'user', places.user),
      item: this.#id(record, 'item', places.item),
      rating:
        places.rating < 0 ? undefined : numberIn(record, places.rating, 'rating', file, decimal),
      timestamp: places.timestamp < 0 ? undefined : timestampIn(record, places.timestamp, file),
      weight:
        places.weight < 0 ? undefined : numberIn(record, places.weight, 'weight', file, decimal),
    })
  }

  flush(): Promise<void> {
    return this.#writer.flush()
  }

  finish(): Promise<DuckDbTable> {
    return this.#writer.finish()
  }

  drop(): Promise<void> {
    return this.#writer.drop()
  }

  #id(record: RecordView, what: 'user' | 'item', field: number): Id {
    rejectEmptyId(record, field, what, this.#file)
    if (this.#form.idType[what] === 'number') rejectTextId(record, field, what, this.#file)
    const text = record.text(field)
    if (!this.#hasText[what] && isCanonicalInteger(text)) return Number(text)
    this.#hasText[what] = true
    return text
  }
}
