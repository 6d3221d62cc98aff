import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { scanRecords } from './scan-records.js'

/** The form of a file of titles. */
export interface TitlesFormat {
  readonly delimiter: string
  readonly header: boolean
  readonly encoding: 'utf-8' | 'latin1'
  readonly quotes: boolean
  readonly escape?: '"' | '\\' | undefined
  /** Positions of the item's id and of its title. */
  readonly columns: readonly [id: number, title: number]
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads item titles by integer id. Copies of files in Latin-1 that somebody saved as UTF-8 are read as
 * such.
 */
export function readTitles(source: FileSource, format: TitlesFormat): Promise<Map<number, string>> {
  return readPairs(source, format, (id, file, line) => {
    if (Number.isSafeInteger(Number(id))) return Number(id)
    throw new FileFormatError(file, line, 'expected an integer item id and a title.')
  })
}

/** Reads item titles by ids that are text, otherwise as {@link readTitles}. */
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
