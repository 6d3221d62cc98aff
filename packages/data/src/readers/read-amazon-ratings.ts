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
   * The order of the first two columns in a file without a header: users come first in the files of 2014,
   * items in those of 2018. `'auto'` decides by the first line, where the item is the id of 10 characters.
   *
   * @defaultValue `'auto'`
   */
  order?: 'auto' | 'user-item' | 'item-user' | undefined
}

const schema = z.strictObject({
  order: z.enum(['auto', 'user-item', 'item-user']).default('auto'),
  signal: z.instanceof(AbortSignal).optional(),
})

const asinPattern = /^[0-9A-Z]{10}$/

/** The columns of the files of 2023, whose times are in milliseconds. */
const columns2023 = {
  user: 'user_id',
  item: 'parent_asin',
  rating: 'rating',
  timestamp: 'timestamp',
}

/**
 * Reads a file of ratings from the Amazon reviews that McAuley's group publishes, in any of its forms.
 *
 * | year | lines | times |
 * | --- | --- | --- |
 * | 2014 (`ratings_Books.csv`) | `user,item,rating,time` | seconds |
 * | 2018 (`Books.csv`) | `item,user,rating,time` | seconds |
 * | 2023 (`Books.csv`) | header `user_id,parent_asin,rating,timestamp` | milliseconds |
 *
 * Ids are strings, because an ASIN may have leading zeros. Timestamps become seconds since 1970 for all
 * years.
 *
 * @example
 * ```ts
 * import { readAmazonRatings } from '@gnnrec/data'
 *
 * const text = '0001713353,A1C6M8LCIX4M6M,5.0,1123804800\n0001713353,AUITG1DJ3QUGK,3.0,1112140800\n'
 * const table = await readAmazonRatings({ text })
 * console.log(table.items.ids, table.rating)
 * ```
 *
 * @throws FileFormatError when the order cannot be told from the first line, and for the reasons given at
 * {@link readCsv}
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
      `got ${JSON.stringify(first)} and ${JSON.stringify(second)}, expected exactly one ASIN (10 digits or capital letters). Pass order: 'user-item' or 'item-user'.`,
    )
  }
  return order === 'item-user' || (order === 'auto' && isItemFirst)
    ? { user: 1, item: 0 }
    : { user: 0, item: 1 }
}
