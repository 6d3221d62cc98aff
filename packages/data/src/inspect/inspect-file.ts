import { parseOptions } from '@gnnrec/graph'
import type { ColumnKind, TypedColumn } from '../columnar/column-kinds.js'
import { decodeColumns } from '../columnar/decode-table.js'
import { FileFormatError } from '../errors.js'
import { type ReaderOptions, readerSchema } from '../readers/reader-options.js'
import { numberOfText } from '../readers/text-values.js'
import { type FileSource, lookAhead, openSource } from '../sources/file-source.js'
import { columnRoles } from '../tables/column-roles.js'
import { describeColumn, roleWarnings, withRoles } from './column-roles.js'
import type { FileInspection, InspectedColumn, SuggestedReader } from './file-inspection.js'
import { formatInspection } from './format-inspection.js'
import { lookAlikes } from './look-alikes.js'
import { isLightGcn, textForm } from './text-form.js'

/** The number of bytes that are looked at. */
const startBytes = 1 << 16

/**
 * Looks at the start of a file and suggests how to read it.
 *
 * It recognizes delimited text (with its delimiter, quotes, encoding, header and columns), RecBole's atomic
 * files, check-ins of Gowalla, LightGCN's lines, Parquet and Arrow. The suggestion is a guess from at most
 * 64 KB: print it, correct `suggestion.options` where they are wrong, and pass them to the suggested
 * reader.
 *
 * @example
 * ```ts
 * import { inspectFile } from '@gnnrec/data'
 *
 * const inspection = await inspectFile({ text: 'userId;film;stars\n007;Brazil;5\n12;Alien;4\n' })
 * console.log(String(inspection))
 * ```
 *
 * @throws FileFormatError when the file is empty or has no known form
 * @throws FileReadError when it cannot be opened or unpacked
 * @throws MissingDependencyError for a Parquet or Arrow file without the package that reads it
 * @throws InvalidOptionsError
 */
export async function inspectFile(
  source: FileSource,
  options: ReaderOptions = {},
): Promise<FileInspection> {
  const { signal } = parseOptions('inspectFile', readerSchema, options)
  const { start, opened } = await lookAhead(await openSource(source, signal), startBytes)
  const { name } = opened
  const magic = new TextDecoder('latin1').decode(start.subarray(0, 6))
  const format = magic.startsWith('PAR1')
    ? 'Parquet'
    : magic === 'ARROW1' || magic.startsWith('\xff\xff\xff\xff')
      ? 'Arrow'
      : undefined
  if (format !== undefined) {
    const isStream = typeof source === 'object' && Symbol.asyncIterator in source
    if (!isStream) await opened.close()
    // What was read of a stream is not there any more; `opened` still yields it.
    const whole = isStream ? opened.pieces : source
    const found = await decodeColumns('inspectFile', format, whole, signal)
    return typedInspection(name, format === 'Parquet' ? 'readParquet' : 'readArrow', found)
  }
  await opened.close()
  if (start.length === 0) throw new FileFormatError(name, undefined, 'the file is empty.')
  return inspectText(name, wholeLines(start))
}

function inspectText(name: string, start: Uint8Array): FileInspection {
  const form = textForm(start)
  if (form === undefined) {
    if (isLightGcn(start)) {
      const suggestion = { reader: 'readLightGcnLines', options: {} } as const
      return inspection({ name, columns: [], suggestion, warnings: [] })
    }
    throw new FileFormatError(
      name,
      undefined,
      "the form is not recognized: none of the delimiters '::', tab, ';', '|', ',' and space divides every line into the same number of fields, two or more. Read the file with readCsv, or convert it.",
    )
  }
  const { records, ...format } = form
  const [first, ...rest] = records
  if (first.every((field) => /^.+:(token|float)(_seq)?$/.test(field))) {
    const columns = columnsOf(
      first.map((field) => field.replace(/:[a-z_]+$/, '')),
      rest,
    )
    return inspection({
      name,
      columns,
      suggestion: { reader: 'readRecBole', options: {} },
      warnings: [...roleWarnings(columns), ...idWarnings(columns, rest)],
    })
  }
  const header = hasHeader(records)
  const columns = columnsOf(header ? first : undefined, header ? rest : records)
  const isGowalla = !header && first.length === 5 && columns[1].type === 'time'
  if (isGowalla && format.delimiter === '\t') {
    const roles = new Map([
      [0, 'user'],
      [1, 'timestamp'],
      [4, 'item'],
    ] as const)
    return inspection({
      name,
      columns: columns.map(({ role: _, ...column }) => {
        const role = roles.get(column.position as 0)
        return role === undefined ? column : { ...column, role }
      }),
      suggestion: { reader: 'readGowallaCheckIns', options: {} },
      warnings: [],
    })
  }
  const place = (role: string): string | number | undefined => {
    const column = columns.find((candidate) => candidate.role === role)
    const isNamed = header && columns.filter(({ name }) => name === column?.name).length === 1
    return isNamed ? column?.name : column?.position
  }
  const [user, item, rating, timestamp, weight] = columnRoles.map(place)
  const isIso = columns.some(({ role, type }) => role === 'timestamp' && type === 'time')
  const suggestion: SuggestedReader | undefined =
    user === undefined || item === undefined
      ? undefined
      : {
          reader: 'readCsv',
          options: {
            columns: {
              user,
              item,
              ...(rating !== undefined && { rating }),
              ...(timestamp !== undefined && { timestamp }),
              ...(weight !== undefined && { weight }),
            },
            ...format,
            header,
            ...(isIso && { timestampFormat: 'iso' }),
          },
        }
  return inspection({
    name,
    columns,
    ...(suggestion && { suggestion }),
    warnings: [
      ...roleWarnings(columns),
      ...idWarnings(columns, header ? rest : records),
      ...friendshipWarning(columns, header, records),
    ],
  })
}

function typedInspection(
  name: string,
  reader: 'readParquet' | 'readArrow',
  found: readonly TypedColumn[],
): FileInspection {
  const columns = withRoles(
    found
      .filter(({ kind }) => kind !== 'list or structure')
      .map(({ name: column, kind }, position) => ({
        position,
        name: column,
        type: typeOf(kind),
        examples: [],
      })),
  )
  const names = found.map((column) => column.name)
  const repeated = columns.flatMap(({ name: column = '', role }) =>
    role !== undefined && names.indexOf(column) !== names.lastIndexOf(column) ? [column] : [],
  )
  const nameOf = (role: string): string | undefined => {
    const column = columns.find((candidate) => candidate.role === role)?.name
    return column === undefined || repeated.includes(column) ? undefined : column
  }
  const [user, item, rating, timestamp, weight] = columnRoles.map(nameOf)
  const suggestion: SuggestedReader | undefined =
    user === undefined || item === undefined
      ? undefined
      : {
          reader,
          options: {
            columns: {
              user,
              item,
              ...(rating !== undefined && { rating }),
              ...(timestamp !== undefined && { timestamp }),
              ...(weight !== undefined && { weight }),
            },
          },
        }
  const warnings = [
    ...roleWarnings(columns),
    ...repeated.map(
      (column) =>
        `Several columns have the name ${JSON.stringify(column)}, so ${reader} cannot tell which one is meant. Rename all but one.`,
    ),
  ]
  return inspection({ name, columns, ...(suggestion && { suggestion }), warnings })
}

function typeOf(kind: ColumnKind): InspectedColumn['type'] {
  if (kind === 'integer') return 'integer'
  if (kind === 'float' || kind === 'decimal') return 'number'
  return kind === 'timestamp' || kind === 'date' ? 'time' : 'text'
}

function inspection(found: Omit<FileInspection, 'toString'>): FileInspection {
  return { ...found, toString: () => formatInspection(found) }
}

function columnsOf(
  names: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
): InspectedColumn[] {
  const width = names?.length ?? rows[0].length
  return withRoles(
    Array.from({ length: width }, (_, position) =>
      describeColumn(
        position,
        names?.[position],
        rows.map((row) => row[position]),
      ),
    ),
  )
}

/** Returns true when the first line has texts above numbers, or has names that columns are known by. */
function hasHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  const isNumber = (text: string): boolean => numberOfText(text) !== undefined
  const overNumbers = first.some(
    (field, position) =>
      !isNumber(field) && rest.length > 0 && rest.every((row) => isNumber(row[position])),
  )
  if (overNumbers) return true
  const named = withRoles(first.map((field, position) => describeColumn(position, field, [])))
  return named.filter(({ role }) => role === 'user' || role === 'item').length === 2
}

function idWarnings(
  columns: readonly InspectedColumn[],
  rows: readonly (readonly string[])[],
): string[] {
  return columns
    .filter(({ role }) => role === 'user' || role === 'item')
    .flatMap(({ position, role }) => {
      const ids = rows.map((row) => row[position])
      const [group] = lookAlikes(ids)
      const zero = ids.find((id) => /^0\d+$/.test(id))
      return [
        ...(group === undefined
          ? []
          : [
              `The ${role}s ${group.map((id) => JSON.stringify(id)).join(' and ')} are different ids that look alike.`,
            ]),
        ...(zero === undefined
          ? []
          : [
              `The ${role} ${JSON.stringify(zero)} has a leading zero, so the ids of its column become strings. Read other files with idType: 'string', so that their ids match.`,
            ]),
      ]
    })
}

/** Returns a warning for two nameless columns with the same ids in both, which may be pairs of two users. */
function friendshipWarning(
  columns: readonly InspectedColumn[],
  header: boolean,
  records: readonly (readonly string[])[],
): string[] {
  if (header || columns.length !== 2) return []
  const pairs = new Set(records.map(([left, right]) => `${left} ${right}`))
  const mirrored = records.filter(([left, right]) => pairs.has(`${right} ${left}`)).length
  const [first] = new Set(records.map(([left]) => left))
  const isOneUser = records.every(([left]) => left === first)
  if (mirrored === 0 && !isOneUser) return []
  return [
    'The file has two columns without names. If both are users, as in the friendships of Gowalla, the rows are not interactions.',
  ]
}

/** Returns the start of a file up to its last complete line, or all of it when there is no line end. */
function wholeLines(start: Uint8Array): Uint8Array {
  if (start.length < startBytes) return start
  const end = start.lastIndexOf(0x0a)
  return end < 0 ? start : start.subarray(0, end + 1)
}
