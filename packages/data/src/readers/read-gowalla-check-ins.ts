import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { timeIn } from './parse-time.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'

/**
 * Reads check-ins of Gowalla or Brightkite as SNAP publishes them
 * (`loc-gowalla_totalCheckins.txt`): user, time, latitude, longitude and place by tabs.
 *
 * Timestamps are in seconds since 1970. A user may be at one place many times; `dropDuplicates` keeps
 * the first line of each pair, which is the latest visit, since the file goes back in time.
 *
 * @throws FileFormatError for the friendship file (`loc-gowalla_edges.txt`), whose pairs are of users,
 * for a time of another form than `2010-10-19T23:55:27Z`, and as {@link readCsv} does
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
          'got 2 columns, as in the file of friendships: its pairs are users and users, not users and places. The check-ins are in loc-gowalla_totalCheckins.txt.',
        )
      }
      if (first.length !== 5) {
        throw new FileFormatError(
          opened.name,
          line,
          `got ${first.length} columns, expected 5 separated by tabs: user, time, latitude, longitude, place.`,
        )
      }
      return { user: 0, item: 4, rating: -1, timestamp: 1 }
    },
    timestampIn: timeIn,
  })
}
