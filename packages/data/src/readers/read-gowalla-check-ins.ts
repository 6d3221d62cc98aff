import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { readDelimited } from './read-delimited.js'
import { type ReaderOptions, readerSchema } from './reader-options.js'
import type { RecordView } from './record-scanner.js'

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
    ...{ delimiter: '\t', header: false, quotes: false, escape: '"', encoding: 'utf-8' },
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
    timestampIn: secondsIn,
  })
}

const ISO_TIME = '0000-00-00T00:00:00Z'

/** Seconds since 1970 of a field such as `2010-10-19T23:55:27Z`. */
function secondsIn(record: RecordView, field: number, file: string): number {
  const { bytes } = record
  const start = record.starts[field]
  let isTime = record.ends[field] - start === ISO_TIME.length
  for (let place = 0; isTime && place < ISO_TIME.length; place++) {
    const byte = bytes[start + place]
    const wanted = ISO_TIME.charCodeAt(place)
    isTime = wanted === 0x30 ? byte >= 0x30 && byte <= 0x39 : byte === wanted
  }
  if (isTime) {
    const two = (place: number): number =>
      (bytes[start + place] - 0x30) * 10 + bytes[start + place + 1] - 0x30
    const [month, day, hour, minute, second] = [two(5), two(8), two(11), two(14), two(17)]
    const milliseconds = Date.UTC(two(0) * 100 + two(2), month - 1, day, hour, minute, second)
    const isReal = month >= 1 && month <= 12 && hour < 24 && minute < 60 && second < 60
    // Date.UTC makes 2 March of 30 February.
    if (isReal && new Date(milliseconds).getUTCDate() === day) return milliseconds / 1000
  }
  throw new FileFormatError(
    file,
    record.line,
    `got the time ${JSON.stringify(record.text(field))}, expected the form 2010-10-19T23:55:27Z.`,
  )
}
