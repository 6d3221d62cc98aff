import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { timeIn } from './parse-time.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/**
 * Reads check-ins of Gowalla or Brightkite as SNAP publishes them (`loc-gowalla_totalCheckins.txt`):
 * user, time, latitude, longitude and place, separated by tabs.
 *
 * Timestamps become seconds since 1970. A user may visit a place many times. {@link dropDuplicates} keeps
 * the first line of each pair by default; that is the latest visit, because the file goes back in time.
 *
 * @example
 * ```ts
 * import { readGowallaCheckIns } from '@gnnrec/data'
 *
 * const text = '0\t2010-10-19T23:55:27Z\t30.23\t-97.79\t22847\n'
 * const table = await readGowallaCheckIns({ text })
 * console.log(table.items.ids, table.timestamp)
 * ```
 *
 * @throws FileFormatError for the file of friendships (`loc-gowalla_edges.txt`), for a time of another
 * form than `2010-10-19T23:55:27Z`, and for the reasons given at {@link readCsv}
 * @throws FileReadError, InvalidOptionsError
 */
export async function readGowallaCheckIns(
  source: FileSource,
  options: ReaderOptions = {},
): Promise<InteractionTable> {
  const { signal } = parseOptions('readGowallaCheckIns', readerSchema, options)
  const opened = await openSource(source, signal)
  return readDelimited(opened, {
    delimiter: '\t',
    header: false,
    quotes: false,
    escape: '"',
    encoding: 'utf-8',
    idType: { user: 'number', item: 'auto' },
    placesOf: (first, line) => {
      if (first.length === 2) {
        throw new FileFormatError(
          opened.name,
          line,
          'got 2 columns, as the file of friendships has; its pairs are two users, not a user and a place. The check-ins are in loc-gowalla_totalCheckins.txt.',
        )
      }
      if (first.length !== 5) {
        throw new FileFormatError(
          opened.name,
          line,
          `got ${first.length} columns, expected 5 that are separated by tabs: user, time, latitude, longitude, place.`,
        )
      }
      return { user: 0, item: 4, rating: -1, timestamp: 1, weight: -1 }
    },
    timestampIn: timeIn,
  })
}
