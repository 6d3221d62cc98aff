import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { scanRecords } from './scan-records.js'
import { isCanonicalInteger } from './text-values.js'

/** The form of a file of titles. */
export interface TitlesFormat {
  readonly delimiter: string
  readonly header: boolean
  readonly encoding: 'utf-8' | 'latin1'
  readonly quotes: boolean
  readonly escape?: '"' | '\\' | undefined
  /** The positions of the item's id and of its title in a record. */
  readonly columns: readonly [id: number, title: number]
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the titles of items with integer ids. A file that is UTF-8 instead of Latin-1, as some copies
 * are, is read as UTF-8.
 */
export function readTitles(source: FileSource, format: TitlesFormat): Promise<Map<number, string>> {
  return readPairs(source, format, (id, file, line) => {
    if (isCanonicalInteger(id)) return Number(id)
    throw new FileFormatError(file, line, 'expected an integer item id and a title.')
  })
}

/** Reads the titles of items with string ids, and otherwise works like {@link readTitles}. */
export function readTextTitles(
  source: FileSource,
  format: TitlesFormat,
): Promise<Map<string, string>> {
  return readPairs(source, format, (id) => id)
}

async function readPairs<Id>(
  source: FileSource,
  format: TitlesFormat,
  idOf: (id: string, file: string, line: number) => Id,
): Promise<Map<Id, string>> {
  const { header, columns, signal, ...recordFormat } = format
  const [idField, titleField] = columns
  const opened = await openSource(source, signal)
  const { name } = opened
  const titles = new Map<Id, string>()
  let heading = header
  const form = { ...recordFormat, escape: format.escape ?? '"' }
  const { isUtf8 } = await scanRecords(opened, form, (record) => {
    if (heading) {
      heading = false
      return
    }
    const id = idField < record.width ? record.text(idField) : ''
    if (id === '' || titleField >= record.width) {
      throw new FileFormatError(name, record.line, 'expected an item id and a title.')
    }
    titles.set(idOf(id, name, record.line), record.text(titleField))
  })
  const isRecoded = isUtf8 && format.encoding === 'latin1'
  return isRecoded ? readPairs(source, { ...format, encoding: 'utf-8' }, idOf) : titles
}
