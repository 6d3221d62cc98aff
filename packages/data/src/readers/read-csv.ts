import {
  fromColumns,
  type InteractionTable,
  InvalidOptionsError,
  parseOptions,
} from '@gnnrec/graph'
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import { type FileSource, readSource } from '../sources/file-source.js'
import {
  IdColumn,
  type IdType,
  type IdTypes,
  idTypesSchema,
  isCanonicalInteger,
} from '../tables/id-column.js'
import { readRecords } from './csv-records.js'

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
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

const columnPlace = z.union([z.string(), z.int().nonnegative()], {
  error: "expected a column's name or its position from 0",
})

const schema = z.strictObject({
  columns: z.strictObject({
    user: columnPlace,
    item: columnPlace,
    rating: columnPlace.optional(),
    timestamp: columnPlace.optional(),
  }),
  delimiter: z.string().min(1).default(','),
  header: z.boolean().default(true),
  encoding: z.enum(['utf-8', 'latin1']).default('utf-8'),
  idType: idTypesSchema,
  quotes: z.boolean().default(true),
  escape: z.enum(['"', '\\']).default('"'),
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
  const { columns, header, idType, ...format } = parseOptions('readCsv', schema, options)
  if (!header) rejectNames(columns)
  const content = await readSource(source)
  const { name } = content
  const users = new IdColumn()
  const items = new IdColumn()
  const ratings: number[] = []
  const timestamps: number[] = []
  let places: Record<keyof CsvColumns, number> | undefined
  let rows = 0

  const id = (fields: string[], line: number, what: 'user' | 'item', place: number): string => {
    const text = fields[place]
    if (text === '') throw new FileFormatError(name, line, `the ${what} is empty.`)
    if (idType[what] === 'number' && !isCanonicalInteger(text)) {
      throw new FileFormatError(
        name,
        line,
        `got the ${what} ${JSON.stringify(text)}, expected a safe integer without leading zeros. Pass idType: 'string' or 'auto' to keep ids as text.`,
      )
    }
    return text
  }
  await readRecords(content, format, (fields, line) => {
    if (places === undefined) {
      places = placesOf(columns, fields, header, name, line)
      if (header) return
    }
    users.add(id(fields, line, 'user', places.user))
    items.add(id(fields, line, 'item', places.item))
    if (places.rating >= 0) ratings.push(finite(fields[places.rating], 'rating', name, line))
    if (places.timestamp >= 0) {
      timestamps.push(finite(fields[places.timestamp], 'timestamp', name, line))
    }
    rows++
  })
  if (rows === 0) throw new FileFormatError(name, undefined, 'there is a header but no row.')
  return fromColumns({
    user: users.ids(idType.user),
    item: items.ids(idType.item),
    ...(columns.rating !== undefined && { rating: ratings }),
    ...(columns.timestamp !== undefined && { timestamp: timestamps }),
  })
}

function rejectNames(columns: CsvColumns): void {
  for (const [column, place] of Object.entries(columns)) {
    if (typeof place !== 'string') continue
    throw new InvalidOptionsError(
      `Invalid options for readCsv:\n  - columns.${column}: got the name ${JSON.stringify(place)}, but header is false; give the position, from 0.`,
    )
  }
}

/** The position of every column in the records, -1 for those not asked for. */
function placesOf(
  columns: CsvColumns,
  first: string[],
  header: boolean,
  file: string,
  line: number,
): Record<keyof CsvColumns, number> {
  const found = header
    ? `the columns are ${first.map((name) => JSON.stringify(name)).join(', ')}`
    : `there are ${first.length} columns (0 to ${first.length - 1})`
  const place = (wanted: string | number | undefined): number => {
    if (wanted === undefined) return -1
    const position = typeof wanted === 'string' ? first.indexOf(wanted) : wanted
    if (position === -1 || position >= first.length) {
      throw new FileFormatError(file, line, `no column ${JSON.stringify(wanted)}; ${found}.`)
    }
    if (typeof wanted === 'string' && first.lastIndexOf(wanted) !== position) {
      throw new FileFormatError(
        file,
        line,
        `two columns are called ${JSON.stringify(wanted)}; ${found}. Give the position instead.`,
      )
    }
    return position
  }
  return {
    user: place(columns.user),
    item: place(columns.item),
    rating: place(columns.rating),
    timestamp: place(columns.timestamp),
  }
}

function finite(text: string, what: string, file: string, line: number): number {
  const value = Number(text)
  // Number('') and Number(' ') are 0.
  if (Number.isFinite(value) && text.trim() !== '') return value
  throw new FileFormatError(
    file,
    line,
    `got the ${what} ${JSON.stringify(text)}, expected a finite number.`,
  )
}
