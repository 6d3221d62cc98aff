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

/** Reads item titles by integer id. */
export async function readTitles(
  source: FileSource,
  format: TitlesFormat,
): Promise<Map<number, string>> {
  const titles = new Map<number, string>()
  await readPairs(source, format, (id, title, file, line) => {
    if (!Number.isSafeInteger(Number(id))) {
      throw new FileFormatError(file, line, 'expected an integer item id and a title.')
    }
    titles.set(Number(id), title)
  })
  return titles
}

/** Reads item titles by ids that are text. */
export async function readTextTitles(
  source: FileSource,
  format: TitlesFormat,
): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  await readPairs(source, format, (id, title) => titles.set(id, title))
  return titles
}

async function readPairs(
  source: FileSource,
  { header, columns: [idField, titleField], signal, ...format }: TitlesFormat,
  onPair: (id: string, title: string, file: string, line: number) => void,
): Promise<void> {
  const opened = await openSource(source, signal)
  const { name } = opened
  let heading = header
  await scanRecords(opened, { ...format, escape: format.escape ?? '"' }, (record) => {
    if (heading) {
      heading = false
      return
    }
    const id = idField < record.width ? record.text(idField) : ''
    if (id === '' || titleField >= record.width) {
      throw new FileFormatError(name, record.line, 'expected an item id and a title.')
    }
    onPair(id, record.text(titleField), name, record.line)
  })
}
