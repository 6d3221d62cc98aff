import type { CsvOptions } from '../readers/read-csv.js'
import { csvForm, parseCsvOptions } from '../readers/read-csv.js'
import { collectRecords } from '../readers/read-delimited.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { CsvRows } from './csv-rows.js'
import type { DuckDbTable, Session } from './session.js'

/**
 * Reads a delimited file into a table of DuckDB. The records, numbers, times and ids are taken from the
 * text by the code of `readCsv`, so that both read the same rows and refuse the same files.
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function readCsvFile(
  session: Session,
  source: FileSource,
  options: Omit<CsvOptions, 'signal'>,
): Promise<DuckDbTable> {
  const { signal: _, ...form } = parseCsvOptions('DuckDb.readCsv', options)
  const opened = await openSource(source, session.signal)
  let rows: CsvRows | undefined
  try {
    const collected = await collectRecords(opened, csvForm(opened, form), (tableForm) => {
      rows = new CsvRows(session, opened.name, tableForm)
      return rows
    })
    return await collected.finish()
  } catch (error) {
    await rows?.drop()
    throw error
  }
}
