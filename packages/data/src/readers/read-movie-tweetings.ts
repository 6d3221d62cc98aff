import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { type FileSource, openSource } from '../sources/file-source.js'
import { placesOf } from './column-places.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/**
 * Reads `ratings.dat` of MovieTweetings: `user::film::rating::time`, ratings from 0 to 10.
 *
 * Users are numbers. Films are their IMDb numbers as strings, since these have leading zeros
 * (`"0114508"`). Timestamps are in seconds since 1970.
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError as {@link readCsv} does
 */
export async function readMovieTweetings(
  source: FileSource,
  options: ReaderOptions = {},
): Promise<InteractionTable<number, string>> {
  const { signal } = parseOptions('readMovieTweetings', readerSchema, options)
  const opened = await openSource(source, signal)
  const columns = { user: 0, item: 1, rating: 2, timestamp: 3 }
  const table = await readDelimited(opened, {
    delimiter: '::',
    header: false,
    quotes: false,
    escape: '"',
    encoding: 'utf-8',
    idType: { user: 'number', item: 'string' },
    placesOf: (fields, line) => placesOf(columns, fields, false, opened.name, line),
  })
  return table as InteractionTable<number, string>
}
