import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, lookAhead, openSource } from '../sources/file-source.js'
import { placesOf } from './column-places.js'
import { firstLine } from './first-line.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

const names = { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' }
const positions = { user: 0, item: 1, rating: 2, timestamp: 3 }

/** The forms of MovieLens files, each with a text that occurs only in the first line of that form. */
const forms = [
  { mark: '::', delimiter: '::', header: false, columns: positions },
  { mark: '\t', delimiter: '\t', header: false, columns: positions },
  { mark: 'movieId', delimiter: ',', header: true, columns: names },
]

/**
 * Reads the ratings of any MovieLens set. The first line tells which of the forms the file has.
 *
 * | form | sets |
 * | --- | --- |
 * | `user::movie::rating::time` | 1M, 10M (`ratings.dat`) |
 * | user, movie, rating, time, separated by tabs | 100K (`u.data`) |
 * | CSV with the columns `userId`, `movieId`, `rating`, `timestamp` | 20M, 25M, 32M, latest (`ratings.csv`) |
 *
 * Ids are numbers, and timestamps are in seconds since 1970. {@link loadMovieLens} reads titles too.
 *
 * @example
 * ```ts
 * import { readMovieLens } from '@gnnrec/data'
 *
 * const table = await readMovieLens({ text: '1::1193::5::978300760\n1::661::3::978302109\n' })
 * console.log(table.items.ids, table.rating)
 * ```
 *
 * @throws FileFormatError when the file has none of these forms; the message names the file and the line
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError
 */
export async function readMovieLens(
  source: FileSource,
  options: ReaderOptions = {},
): Promise<InteractionTable<number, number>> {
  const { signal } = parseOptions('readMovieLens', readerSchema, options)
  const { start, opened } = await lookAhead(await openSource(source, signal), 256)
  const { name } = opened
  const first = firstLine(start)
  const form = forms.find(({ mark }) => first.includes(mark))
  if (form === undefined) {
    await opened.close()
    const problem =
      first === '' ? 'the file is empty' : `got the first line ${JSON.stringify(first)}`
    throw new FileFormatError(
      name,
      1,
      `${problem}; expected a form of MovieLens: 'user::movie::rating::time', the same with tabs, or CSV with the columns userId, movieId, rating, timestamp. Read other forms with readCsv.`,
    )
  }
  const { delimiter, header, columns } = form
  const table = await readDelimited(opened, {
    delimiter,
    header,
    quotes: header,
    escape: '"',
    encoding: 'utf-8',
    idType: { user: 'number', item: 'number' },
    placesOf: (fields, line) => placesOf(columns, fields, header, name, line),
  })
  return table as InteractionTable<number, number>
}
