import * as z from 'zod'
import { defaultMaxDecodeSeconds } from '../columnar/decode-table.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { checkDistinct } from './column-places.js'
import type { ReaderOptions } from './reader-options.js'

/** The names of the columns to read from a file whose columns have names and types. */
export interface NamedColumns {
  /** The column of user ids. */
  user: string
  /** The column of item ids. */
  item: string
  /** The column of ratings. Without it the table has no ratings. */
  rating?: string | undefined
  /**
   * The column of timestamps. Without it the table has none. Dates, and dates with a time of day, become
   * seconds since 1970; numbers stay unchanged.
   */
  timestamp?: string | undefined
  /** The column of weights, such as counts of plays, which are above 0. Without it the table has no weights. */
  weight?: string | undefined
}

/** Options of `readParquet` and `readArrow`. */
export interface NamedColumnsOptions extends ReaderOptions {
  /** The names of the columns to read. */
  columns: NamedColumns
  /**
   * The type of the ids. `'auto'` keeps the type of each column, but makes strings of integers when one
   * of them is beyond 2^53. Bytes become text when they are UTF-8. `'string'` makes all ids strings. `'number'` makes all ids numbers, and an id
   * that is not an integer is an error. `{ user, item }` sets the types of both columns apart.
   *
   * @defaultValue `'auto'`
   */
  idType?: IdType | IdTypes | undefined
  /**
   * The largest number of rows, 1 or more. A file with more is refused before it is decoded.
   *
   * @defaultValue 12.5 rows for each byte of the file, at least 5 million
   */
  maxRows?: number | undefined
  /**
   * The time in seconds that decoding one row group or batch may take, 1 or more. A file that takes longer
   * is refused, because wrong lengths can let a decoder run for ever.
   *
   * @defaultValue `60`
   */
  maxDecodeSeconds?: number | undefined
}

const name = z.string().min(1)

/** The schema of the names of columns. */
export const namedColumns = z
  .strictObject({
    user: name,
    item: name,
    rating: name.optional(),
    timestamp: name.optional(),
    weight: name.optional(),
  })
  .superRefine(checkDistinct)

export const namedColumnsSchema = z.strictObject({
  columns: namedColumns,
  idType: idTypesSchema,
  maxRows: z.int().min(1).optional(),
  maxDecodeSeconds: z.number().min(1).default(defaultMaxDecodeSeconds),
  signal: z.instanceof(AbortSignal).optional(),
})
