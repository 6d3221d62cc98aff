import * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import type { ReaderOptions } from './reader-options.js'

/** The names of the columns in a file whose columns have names and types. */
export interface NamedColumns {
  user: string
  item: string
  /** Left out: the table has no ratings. */
  rating?: string | undefined
  /** Left out: the table has no timestamps. A column of dates or times becomes seconds since 1970. */
  timestamp?: string | undefined
}

/** Options of {@link readParquet} and {@link readArrow}. */
export interface NamedColumnsOptions extends ReaderOptions {
  /** Which columns to read. Others are left in the file. */
  columns: NamedColumns
  /**
   * `'auto'`: ids have the type of their column, strings or integers; integers become strings when one
   * of them is beyond 2^53. `'string'`, `'number'`: all of them, or an error. `{ user, item }` gives
   * each column its own. Default `'auto'`.
   */
  idType?: IdType | IdTypes | undefined
}

const name = z.string().min(1)

export const namedColumnsSchema = z.strictObject({
  columns: z.strictObject({
    user: name,
    item: name,
    rating: name.optional(),
    timestamp: name.optional(),
  }),
  idType: idTypesSchema,
  signal: z.instanceof(AbortSignal).optional(),
})

/** @throws FileFormatError when a wanted column is not among those found, which it lists */
export function rejectMissing(file: string, columns: NamedColumns, found: readonly string[]): void {
  for (const wanted of Object.values(columns)) {
    if (wanted === undefined || found.includes(wanted)) continue
    const listed = found.map((column) => JSON.stringify(column)).join(', ')
    throw new FileFormatError(
      file,
      undefined,
      `no column ${JSON.stringify(wanted)}; the columns are ${listed}.`,
    )
  }
}
