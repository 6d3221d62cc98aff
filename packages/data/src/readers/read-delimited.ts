import type { InteractionTable } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import type { OpenedSource } from '../sources/file-source.js'
import { type ColumnPlaces, CsvTable, type CsvTableForm } from './csv-table.js'
import { fieldsOf, type RecordFormat } from './record-scanner.js'
import { scanRecords } from './scan-records.js'

/** The form of a delimited file. */
export interface DelimitedForm extends RecordFormat, Pick<CsvTableForm, 'idType' | 'timestampIn'> {
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
  { header, placesOf, idType, timestampIn, mayBeUtf8 = false, ...format }: DelimitedForm,
): Promise<InteractionTable> {
  let table: CsvTable | undefined
  const { isUtf8 } = await scanRecords(opened, format, (record) => {
    if (table === undefined) {
      const first = fieldsOf(record)
      table = new CsvTable(opened, {
        places: placesOf(first, record.line),
        idType,
        encoding: format.encoding,
        ...(timestampIn && { timestampIn }),
      })
      if (typeof header === 'function' ? header(first) : header) return
    }
    table.add(record)
  })
  if (isUtf8 && format.encoding === 'latin1' && !mayBeUtf8) {
    throw new FileFormatError(
      opened.name,
      undefined,
      "the bytes are UTF-8, not Latin-1. Pass encoding: 'utf-8'.",
    )
  }
  if (!table?.rows) {
    throw new FileFormatError(opened.name, undefined, 'the file has a header but no rows.')
  }
  return table.finish()
}
