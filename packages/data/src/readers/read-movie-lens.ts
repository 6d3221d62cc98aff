import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, lookAhead, openSource } from '../sources/file-source.js'
import { placesOf } from './column-places.js'
import { firstLine } from './first-line.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

const names = { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' }
const positions = { user: 0, item: 1, rating: 2, timestamp: 3 }

/** The forms of MovieLens by what only they have in their first line. */
const forms = [
  { mark: '::', delimiter: '::', header: false, columns: positions },
  { mark: '\t', delimiter: '\t', header: false, columns: positions },
  { mark: 'movieId', delimiter: ',', header: true, columns: names },
]

/**
 * Reads the ratings of any MovieLens set; which form it is, is seen from the first line.
 *
 * | form | sets |
 * | --- | --- |
 * | `user::movie::rating::time` | 1M, 10M (`ratings.dat`) |
 * | user, movie, rating, time by tabs | 100K (`u.data`) |
 * | CSV with the columns `userId`, `movieId`, `rating`, `timestamp` | 20M, 25M, 32M, latest (`ratings.csv`) |
 *
 * Ids are numbers, timestamps are in seconds since 1970. Titles are read by `loadMovieLens`.
 *
 * @throws FileFormatError with file and line for anything that is in none of these forms
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
      `${problem}; MovieLens has 'user::movie::rating::time', the same by tabs, or CSV with userId, movieId, rating, timestamp. Read other forms with readCsv.`,
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
