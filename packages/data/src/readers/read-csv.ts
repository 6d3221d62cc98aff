import { type InteractionTable, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type FileSource, openSource } from '../sources/file-source.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { placesOf } from './column-places.js'
import { timeIn } from './parse-time.js'
import { readDelimited } from './read-delimited.js'

/** Where {@link readCsv} finds each column: by its name in the header, or by its 0-based position. */
export interface CsvColumns {
  user: string | number
  item: string | number
  /** Left out: the table has no ratings. */
  rating?: string | number | undefined
  /** Left out: the table has no timestamps. */
  timestamp?: string | number | undefined
}

/** Options of {@link readCsv}. */
export interface CsvOptions {
  /** Where the columns are. Other columns of the file are ignored. */
  columns: CsvColumns
  /** What separates fields, one or more characters (`'\t'`, `'::'`). Default `','`. */
  delimiter?: string | undefined
  /** Whether the first line names the columns. Default `true`. */
  header?: boolean | undefined
  /** Default `'utf-8'`; a file in another encoding is an error, not a guess. */
  encoding?: 'utf-8' | 'latin1' | undefined
  /**
   * `'auto'`: a column of ids becomes numbers if every id is a canonical safe integer (no leading
   * zero, no `+`), else strings. `'string'`: strings always. `'number'`: any other id is an error.
   * `{ user, item }` gives each column its own. Default `'auto'`.
   */
  idType?: IdType | IdTypes | undefined
  /** Whether `"` may enclose fields (`""` inside for a quote). Default `true`. */
  quotes?: boolean | undefined
  /**
   * What comes before a quote that does not end its field: `'"'` as in spreadsheets, or `'\\'` as in
   * exports of MySQL (`\"` for a quote, `\\` for a backslash). Default `'"'`.
   */
  escape?: '"' | '\\' | undefined
  /**
   * `'number'`: timestamps are numbers and stay as they are. `'iso'`: they are written as
   * `2010-10-19T23:55:27Z` (also with a space for the T, without seconds or hours, with a fraction or
   * a zone such as `+02:00`; without a zone they are UTC) and become seconds since 1970. Default
   * `'number'`.
   */
  timestampFormat?: 'number' | 'iso' | undefined
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

const columnPlace = z.union([z.string(), z.int().nonnegative()], {
  error: "expected a column's name or its position from 0",
})

export const csvSchema = z.strictObject({
  columns: z.strictObject({
    user: columnPlace,
    item: columnPlace,
    rating: columnPlace.optional(),
    timestamp: columnPlace.optional(),
  }),
  delimiter: z
    .string()
    .regex(/^[^"\r\n]+$/, { error: 'expected characters other than quotes and line ends' })
    .default(','),
  header: z.boolean().default(true),
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8'),
  idType: idTypesSchema,
  quotes: z.boolean().default(true),
  escape: z.enum(['"', '\\']).default('"'),
  timestampFormat: z.enum(['number', 'iso']).default('number'),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Reads interactions from a delimited text file, plain or gzip-compressed.
 *
 * Rows keep the order of the file. A byte-order mark, Windows line ends and empty lines do no harm.
 *
 * @throws FileFormatError with file and line for a record with a field too many or too few, a
 * missing column (the message lists the columns found), an empty id, a rating or timestamp that is
 * no finite number, an empty file
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError
 */
export async function readCsv(source: FileSource, options: CsvOptions): Promise<InteractionTable> {
  const parsed = parseOptions('readCsv', csvSchema, options)
  const { columns, header, signal, timestampFormat, ...form } = parsed
  if (!header) rejectNames(columns)
  const opened = await openSource(source, signal)
  return readDelimited(opened, {
    ...form,
    header,
    ...(timestampFormat === 'iso' && { timestampIn: timeIn }),
    placesOf: (first, line) => placesOf(columns, first, header, opened.name, line),
  })
}

/** @throws InvalidOptionsError when a column is named in a file without names */
export function rejectNames(columns: CsvColumns): void {
  for (const [column, place] of Object.entries(columns)) {
    if (typeof place !== 'string') continue
    throw new InvalidOptionsError(
      `Invalid options for readCsv:\n  - columns.${column}: got the name ${JSON.stringify(place)}, but header is false; give the position, from 0.`,
    )
  }
}
