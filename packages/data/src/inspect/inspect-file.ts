import { parseOptions } from '@gnnrec/graph'
import { FileFormatError } from '../errors.js'
import { arrowSchema } from '../readers/read-arrow.js'
import { parquetSchema } from '../readers/read-parquet.js'
import { type ReaderOptions, readerSchema } from '../readers/reader-options.js'
import { type FileSource, lookAhead, openSource } from '../sources/file-source.js'
import { describeColumn, withRoles } from './column-roles.js'
import type { FileInspection, InspectedColumn, SuggestedReader } from './file-inspection.js'
import { formatInspection } from './format-inspection.js'
import { lookAlikes } from './look-alikes.js'
import { isLightGcn, textForm } from './text-form.js'

/** So much of a file is looked at. */
const startBytes = 1 << 16

/**
 * A dry run: looks at the start of a file and tells what it would be read as, without reading it.
 *
 * Recognised are delimited text (delimiter, quotes, encoding, header, columns by name or by place and
 * values), RecBole's atomic files, check-ins of Gowalla, LightGCN's lines, Parquet and Arrow. It is a
 * guess from at most 64 KB: print it, and pass `suggestion.options`, mended where it is wrong, to the
 * reader that it names.
 *
 * @throws FileFormatError when the file is empty or of no form that is known
 * @throws FileReadError when it cannot be opened or unpacked
 * @throws MissingDependencyError for Parquet and Arrow without the package that reads them
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
  if (magic.startsWith('PAR1')) {
    await opened.close()
    return typedInspection(name, 'readParquet', await parquetSchema(source, signal))
  }
  if (magic === 'ARROW1' || magic.startsWith('\xff\xff\xff\xff')) {
    return typedInspection(name, 'readArrow', await arrowSchema(opened))
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
      "the form is not recognised: no delimiter of '::', tab, ';', '|', ',' and space gives lines of two and more fields, the same number in each. Read it with readCsv, or turn it into one of the forms.",
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
      warnings: idWarnings(columns, rest),
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
    return header ? column?.name : column?.position
  }
  const [user, item, rating, timestamp] = ['user', 'item', 'rating', 'timestamp'].map(place)
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
      ...idWarnings(columns, header ? rest : records),
      ...friendshipWarning(columns, header, records),
    ],
  })
}

function typedInspection(
  name: string,
  reader: 'readParquet' | 'readArrow',
  schema: readonly { readonly name: string; readonly type: InspectedColumn['type'] }[],
): FileInspection {
  const columns = withRoles(
    schema.map((column, position) => ({ position, ...column, examples: [] })),
  )
  const nameOf = (role: string): string | undefined =>
    columns.find((column) => column.role === role)?.name
  const [user, item, rating, timestamp] = ['user', 'item', 'rating', 'timestamp'].map(nameOf)
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
            },
          },
        }
  return inspection({ name, columns, ...(suggestion && { suggestion }), warnings: [] })
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

/** A first line is a header when it has a text where the lines below have numbers, or known names. */
function hasHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))
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
              `The ${role} ${JSON.stringify(zero)} has a leading zero, so that the ids of its column become strings; other files must be read with idType: 'string' to fit.`,
            ]),
      ]
    })
}

/** Pairs of integers in which the same ones stand left and right may be users and users. */
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
    'There are two columns without names; if they are users and users, as in the friendships of Gowalla, these are no interactions.',
  ]
}

/** The start of a file up to its last whole line; all of it when it has one line only. */
function wholeLines(start: Uint8Array): Uint8Array {
  if (start.length < startBytes) return start
  const end = start.lastIndexOf(0x0a)
  return end < 0 ? start : start.subarray(0, end + 1)
}
