import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { placesOf } from './column-places.js'
import { numberIn } from './parse-number.js'
import { readDelimited } from './read-delimited.js'
import type { ReaderOptions } from './reader-options.js'

/** Options of {@link readAmazonRatings}. */
export interface AmazonRatingsOptions extends ReaderOptions {
  /**
   * Which comes first on a line without header: users in the files of 2014, items in those of 2018.
   * `'auto'`: seen from the first line, where the ASIN has 10 characters and the user has more.
   * Default `'auto'`.
   */
  order?: 'auto' | 'user-item' | 'item-user' | undefined
}

const schema = z.strictObject({
  order: z.enum(['auto', 'user-item', 'item-user']).default('auto'),
  signal: z.instanceof(AbortSignal).optional(),
})

const asinPattern = /^[0-9A-Z]{10}$/

/** The columns of 2023, whose times are in milliseconds. */
const columns2023 = {
  user: 'user_id',
  item: 'parent_asin',
  rating: 'rating',
  timestamp: 'timestamp',
}

/**
 * Reads a ratings file of the Amazon reviews of McAuley's group, whichever its year.
 *
 * | year | lines | times |
 * | --- | --- | --- |
 * | 2014 (`ratings_Books.csv`) | `user,item,rating,time` | seconds |
 * | 2018 (`Books.csv`) | `item,user,rating,time` | seconds |
 * | 2023 (`Books.csv`) | header `user_id,parent_asin,rating,timestamp` | milliseconds |
 *
 * Ids are strings, since an ASIN may have leading zeros. Timestamps are in seconds since 1970 for all
 * three.
 *
 * @throws FileFormatError when the order is not to be seen, and as {@link readCsv} does
 * @throws FileReadError, InvalidOptionsError
 */
export async function readAmazonRatings(
  source: FileSource,
  options: AmazonRatingsOptions = {},
): Promise<InteractionTable<string, string>> {
  const { order, signal } = parseOptions('readAmazonRatings', schema, options)
  const opened = await openSource(source, signal)
  const { name } = opened
  let perSecond = 1
  const table = await readDelimited(opened, {
    delimiter: ',',
    quotes: true,
    escape: '"',
    encoding: 'utf-8',
    idType: { user: 'string', item: 'string' },
    header: hasHeader,
    placesOf: (first, line) => {
      const header = hasHeader(first)
      if (header) perSecond = 1000
      const columns = header
        ? columns2023
        : { ...positions(first, order, name, line), rating: 2, timestamp: 3 }
      return placesOf(columns, first, header, name, line)
    },
    timestampIn: (record, field, file) => numberIn(record, field, 'timestamp', file) / perSecond,
  })
  return table as InteractionTable<string, string>
}

function hasHeader(first: readonly string[]): boolean {
  return first.includes(columns2023.user)
}

function positions(
  [first = '', second = '']: readonly string[],
  order: 'auto' | 'user-item' | 'item-user',
  file: string,
  line: number,
): { user: number; item: number } {
  const isItemFirst = asinPattern.test(first)
  if (order === 'auto' && isItemFirst === asinPattern.test(second)) {
    throw new FileFormatError(
      file,
      line,
      `got ${JSON.stringify(first)} and ${JSON.stringify(second)}, expected exactly one of them to be an ASIN (10 digits and capitals). Pass order: 'user-item' or 'item-user'.`,
    )
  }
  return order === 'item-user' || (order === 'auto' && isItemFirst)
    ? { user: 1, item: 0 }
    : { user: 0, item: 1 }
}
