import { readRecords } from './csv-records.js'
import { FileFormatError } from './errors.js'
import { type FileSource, readSource } from './file-source.js'

/** The form of a file of titles. */
export interface TitlesFormat {
  readonly delimiter: string
  readonly header: boolean
  readonly encoding: 'utf-8' | 'latin1'
  readonly quotes: boolean
  /** Positions of the item's integer id and of its title. */
  readonly columns: readonly [id: number, title: number]
  readonly signal?: AbortSignal | undefined
}

/** Reads item titles by id. */
export async function readTitles(
  source: FileSource,
  { header, columns, ...format }: TitlesFormat,
): Promise<Map<number, string>> {
  const content = await readSource(source)
  const titles = new Map<number, string>()
  let heading = header
  await readRecords(content, format, (fields, line) => {
    if (heading) {
      heading = false
      return
    }
    const [id, title] = columns.map((column) => fields[column])
    if (!id || !Number.isSafeInteger(Number(id)) || title === undefined) {
      throw new FileFormatError(content.name, line, 'expected an integer item id and a title.')
    }
    titles.set(Number(id), title)
  })
  return titles
}
