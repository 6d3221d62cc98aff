import { parseOptions } from '@gnnrec/graph'
import type { ColumnKind } from '../columnar/column-kinds.js'
import { decodeSample } from '../columnar/decode-table.js'
import { FileFormatError } from '../errors.js'
import {
  type FileSource,
  lookAhead,
  type OpenedSource,
  openSource,
} from '../sources/file-source.js'
import { type ContentKind, contentKind, nameWarnings } from './content-kind.js'
import { describeColumn } from './describe-column.js'
import type { FileInspection, InspectedColumn } from './file-inspection.js'
import { findRoles } from './find-roles.js'
import {
  givenRoles,
  type InspectOptions,
  inspectSchema,
  type ParsedInspectOptions,
} from './inspect-options.js'
import { inspectText, type TextStart } from './inspect-text.js'
import { columnOptions, inspectionOf } from './inspection-of.js'
import { jsonSample } from './json-sample.js'

/** The number of bytes of a text that are looked at. */
const startBytes = 1 << 16

/**
 * Looks at the start of a file and suggests how to read it.
 *
 * It recognizes delimited text (with its delimiter, quotes, encoding, comments, decimal commas, header and columns), JSON
 * lines and lists, RecBole's atomic files, check-ins of Gowalla, LightGCN's lines, Parquet and Arrow. The roles of columns
 * are found by their names, in the languages of many shops and logs, and by their values. What is uncertain is not
 * guessed: it is among `questions`, and `columns` and `header` of the options answer them. No more than 64 KB of a text
 * and one row group or batch of a table are looked at, whatever the size of the file.
 *
 * Print the result to see it, and read the file by `readInteractions` or by the suggested reader.
 *
 * @example
 * ```ts
 * import { inspectFile } from '@gnnrec/data'
 *
 * const inspection = await inspectFile({ text: 'customer_id,sku,ts\n007,B-1,2024-05-31\n12,B-2,2024-06-01\n' })
 * console.log(String(inspection))
 * const unclear = await inspectFile({ text: 'who,what,stars\nann,lamp,5\nbob,desk,4\n' })
 * console.log(unclear.questions.map(({ message }) => message))
 * ```
 *
 * @throws FileFormatError when the file is empty, has a header but no rows, is neither text nor a table, or has no
 * known form
 * @throws FileReadError when it cannot be opened or unpacked
 * @throws MissingDependencyError for a Parquet or Arrow file without the package that reads it
 * @throws InvalidOptionsError also when the options name a column that is not there
 */
export async function inspectFile(
  source: FileSource,
  options: InspectOptions = {},
): Promise<FileInspection> {
  const parsed = parseOptions('inspectFile', inspectSchema, options)
  const isStream = typeof source === 'object' && Symbol.asyncIterator in source
  const beginning = await beginningOf(source, parsed.signal)
  const { kind, opened } = beginning
  if (kind === 'JSON' || kind === 'text') {
    await opened.close()
    return inspectBeginning(beginning, parsed)
  }
  if (!isStream) await opened.close()
  // What was read of a stream is not there any more; `opened` still yields it.
  return inspectTable(opened.name, kind, isStream ? opened.pieces : source, parsed)
}

/** A source whose beginning was read. */
export interface Beginning {
  readonly start: Uint8Array
  readonly kind: ContentKind
  /** The source, which still yields its beginning. */
  readonly opened: OpenedSource
}

/**
 * Opens a source and determines the kind of its content.
 *
 * @throws FileFormatError for an empty source, and for one that is neither text nor a table
 * @throws FileReadError, InvalidOptionsError
 */
export async function beginningOf(
  source: FileSource,
  signal: AbortSignal | undefined,
): Promise<Beginning> {
  const { start, opened } = await lookAhead(await openSource(source, signal), startBytes)
  try {
    return { start, kind: contentKind(opened.name, start), opened }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/**
 * Inspects the beginning of a text.
 *
 * @throws FileFormatError, InvalidOptionsError
 */
export function inspectBeginning(
  { start: seen, kind, opened }: Beginning,
  options: ParsedInspectOptions,
): FileInspection {
  const { name, isGzip, count } = opened
  const isWhole = seen.length < startBytes
  const cut = seen.subarray(0, startBytes)
  const start = isWhole ? seen : wholeLines(cut)
  const total = isGzip ? undefined : count.total
  const estimate = (rows: number): number | undefined => {
    if (isWhole) return rows
    return total === undefined ? undefined : roughly((rows / start.length) * total)
  }
  const text: TextStart = {
    name,
    start,
    ...(!isWhole && { cut }),
    isWhole,
    warnings: nameWarnings(name, kind),
    estimate,
  }
  return kind === 'JSON' ? inspectJson(text, options) : inspectText(text, options)
}

function inspectJson(
  { name, start, isWhole, warnings, estimate }: TextStart,
  options: ParsedInspectOptions,
): FileInspection {
  const { names, rows } = jsonSample(name, start, isWhole)
  const columns = names.map((column, position) =>
    describeColumn(
      position,
      column,
      rows.map((row) => row[position]),
    ),
  )
  const found = findRoles(columns, givenRoles(name, options.columns, names))
  return inspectionOf({
    name,
    format: 'JSON',
    columns,
    rows: rows.length,
    isWhole,
    estimatedRows: estimate(rows.length),
    found,
    suggest: () => ({
      reader: 'readJson',
      options: { columns: columnOptions(found.roles, ({ position }) => names[position]) },
    }),
    warnings,
  })
}

async function inspectTable(
  name: string,
  kind: 'Parquet' | 'Arrow',
  source: FileSource,
  options: ParsedInspectOptions,
): Promise<FileInspection> {
  const sample = await decodeSample('inspectFile', kind, source, options.signal)
  if (sample.rows === 0) throw new FileFormatError(name, undefined, 'the file has no rows.')
  const flat = sample.columns
    .map(({ name: column, kind: valueKind }, place) => ({
      column,
      valueKind,
      values: sample.values[place],
    }))
    .filter(({ valueKind }) => valueKind !== 'list or structure')
  const rows = Math.max(0, ...flat.map(({ values = [] }) => values.length))
  const all = flat.map(({ column, valueKind, values = [] }, position) =>
    describeColumn(position, column, values, { type: typeOf(valueKind) }),
  )
  const names = flat.map(({ column }) => column)
  const isUnique = (column: string): boolean =>
    sample.columns.filter((other) => other.name === column).length === 1
  // The readers find columns by their names alone.
  const readable = all.map((seen, position) =>
    isUnique(names[position]) ? seen : { ...seen, column: { ...seen.column, name: '' } },
  )
  const found = findRoles(readable, givenRoles(name, options.columns, names))
  const reader = kind === 'Parquet' ? 'readParquet' : 'readArrow'
  return inspectionOf({
    name,
    format: kind,
    columns: all,
    rows,
    isWhole: sample.rows === rows,
    estimatedRows: sample.rows,
    found,
    suggest: () => ({
      reader,
      options: { columns: columnOptions(found.roles, ({ position }) => names[position]) },
    }),
    warnings: nameWarnings(name, kind),
    moreWarnings: [...new Set(names)]
      .filter((column) => !isUnique(column))
      .map(
        (column) =>
          `Several columns have the name ${JSON.stringify(column)}, so ${reader} cannot tell which one is meant. Rename all but one.`,
      ),
  })
}

function typeOf(kind: ColumnKind): InspectedColumn['type'] {
  if (kind === 'integer') return 'integer'
  if (kind === 'float' || kind === 'decimal') return 'number'
  return kind === 'timestamp' || kind === 'date' ? 'time' : 'text'
}

/** Rounds an estimate to two digits. */
function roughly(value: number): number {
  return Number(value.toPrecision(2))
}

/** Returns the start of a file up to its last complete line, or all of it when there is no line end. */
function wholeLines(start: Uint8Array): Uint8Array {
  const end = start.lastIndexOf(0x0a)
  return end < 0 ? start : start.subarray(0, end + 1)
}
