import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { type FileSource, openSource } from '../sources/file-source.js'
import { placesOf } from './column-places.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/**
 * Reads `ratings.dat` of MovieTweetings: lines `user::film::rating::time` with ratings from 0 to 10.
 *
 * User ids are numbers. Films have their IMDb numbers as string ids, because these have leading zeros
 * (`"0114508"`). Timestamps are in seconds since 1970.
 *
 * @example
 * ```ts
 * import { readMovieTweetings } from '@gnnrec/data'
 *
 * const table = await readMovieTweetings({ text: '1::0114508::8::1381006850\n' })
 * console.log(table.items.ids, table.rating)
 * ```
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError for the reasons given at {@link readCsv}
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
