import type { InteractionTable } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import type { OpenedSource } from '../sources/file-source.js'
import {
  type ColumnPlaces,
  CsvTable,
  type CsvTableForm,
  type RecordCollector,
} from './csv-table.js'
import { type DecimalMark, numberIn } from './parse-number.js'
import { fieldsOf, type RecordFormat, type RecordView } from './record-scanner.js'
import { scanRecords } from './scan-records.js'

/** The form of a delimited file. */
export interface DelimitedForm extends RecordFormat, Pick<CsvTableForm, 'idType'> {
  /** The character before the decimals of numbers. Absent for a point. */
  readonly decimal?: DecimalMark
  /** A function that reads a timestamp from its field. Absent when the timestamps are plain numbers. */
  readonly timestampIn?: CsvTableForm['timestampIn']
  /** True when the first record has the names of the columns. A function decides by its fields. */
  readonly header: boolean | ((first: readonly string[]) => boolean)
  /** True when a file of UTF-8 may be read as Latin-1. Otherwise that is an error. */
  readonly mayBeUtf8?: boolean
  /** A function that finds the columns from the fields of the first record and its line number. */
  readonly placesOf: (first: readonly string[], line: number) => ColumnPlaces
}

/**
 * Reads a table from delimited text.
 *
 * @throws FileFormatError, FileReadError
 */
export async function readDelimited(
  opened: OpenedSource,
  form: DelimitedForm,
): Promise<InteractionTable> {
  const table = await collectRecords(opened, form, (tableForm) => new CsvTable(opened, tableForm))
  return table.finish()
}

/**
 * Passes the records of delimited text to a collector, which is made when the columns are known.
 *
 * @throws FileFormatError, FileReadError
 */
export async function collectRecords<Collector extends RecordCollector>(
  opened: OpenedSource,
  {
    header,
    placesOf,
    idType,
    timestampIn,
    decimal = '.',
    mayBeUtf8 = false,
    ...format
  }: DelimitedForm,
  collectorOf: (form: CsvTableForm) => Collector,
): Promise<Collector> {
  let collector: Collector | undefined
  const onRecord = (record: RecordView): void => {
    if (collector === undefined) {
      const first = fieldsOf(record)
      collector = collectorOf({
        places: placesOf(first, record.line),
        idType,
        encoding: format.encoding,
        decimal,
        timestampIn:
          timestampIn ?? ((view, field, file) => numberIn(view, field, 'timestamp', file, decimal)),
      })
      if (typeof header === 'function' ? header(first) : header) return
    }
    collector.add(record)
  }
  const { isUtf8 } = await scanRecords(opened, format, onRecord, () => collector?.flush?.())
  if (isUtf8 && format.encoding === 'latin1' && !mayBeUtf8) {
    throw new FileFormatError(
      opened.name,
      undefined,
      "the bytes are UTF-8, not Latin-1. Pass encoding: 'utf-8'.",
    )
  }
  if (!collector?.rows) {
    throw new FileFormatError(opened.name, undefined, 'the file has a header but no rows.')
  }
  return collector
}
