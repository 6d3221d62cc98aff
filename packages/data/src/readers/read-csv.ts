import { type InteractionTable, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { type FileSource, type OpenedSource, openSource } from '../sources/file-source.js'
import { type IdType, type IdTypes, idTypesSchema } from '../tables/id-type.js'
import { checkDistinct, placesOf } from './column-places.js'
import { localTimeIn, timeIn } from './parse-time.js'
import { type DelimitedForm, readDelimited } from './read-delimited.js'

/** The columns to read, each by its name in the header or by its position from 0. */
interface CsvColumns {
  /** The column of user ids. */
  user: string | number
  /** The column of item ids. */
  item: string | number
  /** The column of ratings. Without it the table has no ratings. */
  rating?: string | number | undefined
  /** The column of timestamps. Without it the table has no timestamps. */
  timestamp?: string | number | undefined
  /** The column of weights, such as counts of plays, which are above 0. Without it the table has no weights. */
  weight?: string | number | undefined
}

/** The form of timestamps in a delimited file. */
type TimestampFormat = 'number' | 'iso' | 'day-first' | 'month-first'

/** Options of {@link readCsv}. */
export interface CsvOptions {
  /** The columns to read, by name or position. Other columns of the file are ignored. */
  columns: CsvColumns
  /**
   * The text between two fields, one or more characters such as `'\t'` or `'::'`.
   *
   * @defaultValue `','`
   */
  delimiter?: string | undefined
  /**
   * True when the first line has the names of the columns.
   *
   * @defaultValue `true`
   */
  header?: boolean | undefined
  /**
   * The encoding of the file. Bytes that do not fit it are an error.
   *
   * @defaultValue `'utf-8'`
   */
  encoding?: 'utf-8' | 'latin1' | undefined
  /**
   * The type of the ids. `'auto'` makes numbers of a column of ids when every id is a canonical safe
   * integer (no leading zero, no `+`), else strings. `'string'` makes all ids strings. `'number'` makes
   * all ids numbers, and any other id is an error. `{ user, item }` sets the types of both columns apart.
   *
   * @defaultValue `'auto'`
   */
  idType?: IdType | IdTypes | undefined
  /**
   * True when fields may be enclosed in double quotes.
   *
   * @defaultValue `true`
   */
  quotes?: boolean | undefined
  /**
   * The character before a quote that belongs to the text of a field: `'"'` as spreadsheets write it
   * (`""`), or `'\\'` as MySQL exports it (`\"` for a quote, `\\` for a backslash).
   *
   * @defaultValue `'"'`
   */
  escape?: '"' | '\\' | undefined
  /**
   * The form of the timestamps. `'number'`: numbers, which stay unchanged. `'iso'`: times such as
   * `2010-10-19T23:55:27Z`, which become seconds since 1970. A space may stand for the T, seconds or the
   * whole time of day may be missing, and a fraction or a zone such as `+02:00`, `+0200` or `+02` may
   * follow; a time without a zone is UTC. Letters may be in lower case. Years go from 0000 to 9999, and
   * offsets to 23:59 in either direction. `'day-first'` and `'month-first'`: dates such as `31.12.2024 18:30` and
   * `12/31/2024 6:30 PM`, with or without a time of day, which is UTC.
   *
   * @defaultValue `'number'`
   */
  timestampFormat?: TimestampFormat | undefined
  /**
   * The character before the decimals of numbers: `','` for files of spreadsheets in most of Europe.
   *
   * @defaultValue `'.'`
   */
  decimal?: '.' | ',' | undefined
  /**
   * The number of lines at the beginning that are not read, such as the line `sep=;` of Excel, an integer >= 0.
   *
   * @defaultValue 0
   */
  skipLines?: number | undefined
  /**
   * The text at the beginning of lines that are comments, such as `'#'`. Without it there are no comments.
   *
   * @defaultValue none
   */
  comment?: string | undefined
  /** A signal that stops the reading early. */
  signal?: AbortSignal | undefined
}

const columnPlace = z.union([z.string(), z.int().nonnegative()], {
  error: "expected a column's name or its position from 0",
})

const csvSchema = z.strictObject({
  columns: z
    .strictObject({
      user: columnPlace,
      item: columnPlace,
      rating: columnPlace.optional(),
      timestamp: columnPlace.optional(),
      weight: columnPlace.optional(),
    })
    .superRefine(checkDistinct),
  delimiter: z
    .string()
    .regex(/^[^"\r\n]+$/, { error: 'expected characters other than quotes and line ends' })
    .default(','),
  header: z.boolean().default(true),
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8'),
  idType: idTypesSchema,
  quotes: z.boolean().default(true),
  escape: z.enum(['"', '\\']).default('"'),
  timestampFormat: z.enum(['number', 'iso', 'day-first', 'month-first']).default('number'),
  decimal: z.enum(['.', ',']).default('.'),
  skipLines: z.int().nonnegative().default(0),
  comment: z
    .string()
    .regex(/^[^"\r\n]+$/, { error: 'expected characters other than quotes and line ends' })
    .optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Reads interactions from a delimited text file, plain or compressed.
 *
 * The rows keep the order of the file. A byte-order mark, Windows line ends and empty lines are allowed.
 *
 * @example
 * ```ts
 * import { readCsv } from '@gnnrec/data'
 *
 * const text = 'who;film;stars\nana;Brazil;5\nbob;Brazil;3\n'
 * const columns = { user: 'who', item: 'film', rating: 'stars' }
 * const table = await readCsv({ text }, { columns, delimiter: ';' })
 * console.log(table.users.ids, table.rating)
 * ```
 *
 * @throws FileFormatError for a record with too many or too few fields, a missing column (the message
 * lists the columns found), an empty id, a rating or timestamp that is not a finite number, a weight that is not above
 * 0, and an empty file; the message names the file and the line
 * @throws FileReadError when the file cannot be opened or unpacked
 * @throws InvalidOptionsError also when two roles have one column
 */
export async function readCsv(source: FileSource, options: CsvOptions): Promise<InteractionTable> {
  const { signal, ...form } = parseCsvOptions('readCsv', options)
  const opened = await openSource(source, signal)
  return readDelimited(opened, csvForm(opened, form))
}

/** The options of {@link readCsv} with their defaults. */
type ParsedCsvOptions = z.output<typeof csvSchema>

/**
 * Checks the options of {@link readCsv} and adds their defaults.
 *
 * @throws InvalidOptionsError
 */
export function parseCsvOptions(owner: string, options: CsvOptions): ParsedCsvOptions {
  const parsed = parseOptions(owner, csvSchema, options)
  if (!parsed.header) rejectNames(owner, parsed.columns)
  return parsed
}

/** Returns the form of an opened file from the options of {@link readCsv}. */
export function csvForm(
  { name }: OpenedSource,
  { columns, header, timestampFormat, ...format }: Omit<ParsedCsvOptions, 'signal'>,
): DelimitedForm {
  return {
    ...format,
    header,
    ...(timestampFormat !== 'number' && {
      timestampIn: timestampFormat === 'iso' ? timeIn : localTimeIn(timestampFormat),
    }),
    placesOf: (first, line) => placesOf(columns, first, header, name, line),
  }
}

/** Checks that the columns of a file without a header are given by position. */
function rejectNames(owner: string, columns: CsvColumns): void {
  for (const [column, place] of Object.entries(columns)) {
    if (typeof place !== 'string') continue
    throw new InvalidOptionsError(
      `Invalid options for ${owner}:\n  - columns.${column}: got the name ${JSON.stringify(place)}, but header is false; give the position, which counts from 0.`,
    )
  }
}
