import { FileFormatError } from '../errors.js'
import type { DateOrder } from '../readers/text-values.js'
import { describeColumn, type SeenColumn } from './describe-column.js'
import type { FileInspection, InspectionQuestion, SuggestedReader } from './file-inspection.js'
import { findHeader } from './find-header.js'
import { type FoundRoles, findRoles } from './find-roles.js'
import { givenRoles, type ParsedInspectOptions } from './inspect-options.js'
import { columnOptions, type Findings, inspectionOf } from './inspection-of.js'
import { isLightGcn, rejectRaggedLines, type TextForm, textForm } from './text-form.js'

/** The start of a text and what is known about the whole of it. */
export interface TextStart {
  readonly name: string
  /** The start up to the end of a line. */
  readonly start: Uint8Array
  /** The start as far as it was read. Absent when that is the whole file. */
  readonly cut?: Uint8Array
  readonly isWhole: boolean
  readonly warnings: readonly string[]
  /** Returns the number of rows of the file, estimated from those of the start. */
  readonly estimate: (rows: number) => number | undefined
}

/**
 * Inspects the start of a delimited text.
 *
 * @throws FileFormatError when it has no known form, or a header and no rows
 * @throws InvalidOptionsError when the options name a column that is not there
 */
export function inspectText(text: TextStart, options: ParsedInspectOptions): FileInspection {
  const { name, start, cut } = text
  const form = textForm(start, cut)
  if (form === undefined) {
    if (isLightGcn(start)) return lightGcn(text)
    rejectRaggedLines(name, start)
    throw new FileFormatError(
      name,
      undefined,
      "the form is not recognized: none of the delimiters '::', tab, ';', '|', ',' and space divides every line into the same number of fields, two or more. Read the file with readCsv, or convert it.",
    )
  }
  const { records } = form
  const [first] = records
  const isRecBole = first.every((field) => /^.+:(token|float)(_seq)?$/.test(field))
  const wanted = Object.values(options.columns).filter((column) => typeof column === 'string')
  const header = isRecBole || (options.header ?? findHeader(records, wanted))
  const rows = header === true ? records.slice(1) : records
  if (rows.length === 0) {
    throw new FileFormatError(name, undefined, 'the file has a header but no rows.')
  }
  const names = first.map((field) => {
    if (isRecBole) return field.replace(/:[a-z_]+$/, '')
    return header === true ? field : undefined
  })
  const decimal = form.delimiter === ',' ? '.' : ','
  const columns = names.map((column, position) =>
    describeColumn(
      position,
      column,
      rows.map((row) => (row[position] === '' ? undefined : row[position])),
      { decimal, localTimes: !isRecBole },
    ),
  )
  const common = {
    ...text,
    columns,
    rows: rows.length,
    estimatedRows: text.estimate(records.length),
  }
  if (isGowalla(columns, header, form)) return gowalla(common)
  const found = withDateOrder(
    findRoles(columns, givenRoles(name, options.columns, names)),
    columns,
    options.timestampFormat,
  )
  if (isRecBole) {
    return inspectionOf({
      ...common,
      format: 'RecBole',
      found,
      suggest: () => ({ reader: 'readRecBole', options: recBoleOptions(columns, found) }),
    })
  }
  const question: InspectionQuestion[] =
    header === 'unclear'
      ? [
          {
            about: 'header',
            isRequired: true,
            candidates: [],
            message: `Does the first line (${first.map((field) => JSON.stringify(field)).join(', ')}) have the names of the columns? Pass header: true or header: false.`,
          },
        ]
      : []
  return inspectionOf({
    ...common,
    format: 'delimited text',
    found: { ...found, questions: [...question, ...found.questions] },
    suggest: () => csvReader(form, header === true, columns, found, options.timestampFormat),
    moreWarnings: friendshipWarning(columns, header === true, records),
  })
}

/** Asks for the order of day and month where the dates do not tell it; the times are left out until then. */
function withDateOrder(
  found: FoundRoles,
  columns: readonly SeenColumn[],
  order: DateOrder | undefined,
): FoundRoles {
  const { roles, questions } = found
  const time = roles.get('timestamp')
  if (time === undefined || columns[time.position].dateOrder !== 'unclear' || order !== undefined) {
    return found
  }
  const [example] = columns[time.position].column.examples
  const message = `Does the time ${JSON.stringify(example)} begin with the day or the month? It is left out unless you tell: timestampFormat: 'day-first' or 'month-first'.`
  return {
    ...found,
    roles: new Map([...roles].filter(([role]) => role !== 'timestamp')),
    questions: [
      ...questions,
      { about: 'timestamp', isRequired: false, candidates: [time], message },
    ],
  }
}

function csvReader(
  { records: _, skipLines, ...format }: TextForm,
  header: boolean,
  columns: readonly SeenColumn[],
  { roles }: FoundRoles,
  order: DateOrder | undefined,
): SuggestedReader {
  const time = roles.get('timestamp')
  const seen = time === undefined ? undefined : columns[time.position]
  const known = seen?.dateOrder === 'unclear' ? order : seen?.dateOrder
  const timestampFormat = known ?? (seen?.column.type === 'time' ? 'iso' : undefined)
  const numeric = (['rating', 'timestamp', 'weight'] as const).map((role) => roles.get(role))
  const hasComma = numeric.some((place) => place && columns[place.position].decimal === ',')
  const names = columns.map(({ column }) => column.name)
  return {
    reader: 'readCsv',
    options: {
      columns: columnOptions(roles, ({ name, position }) => {
        const isNamed = name !== undefined && names.indexOf(name) === names.lastIndexOf(name)
        return isNamed ? name : position
      }),
      ...format,
      header,
      ...(skipLines > 0 && { skipLines }),
      ...(timestampFormat !== undefined && { timestampFormat }),
      ...(hasComma && { decimal: ',' }),
    },
  }
}

function recBoleOptions(columns: readonly SeenColumn[], { roles }: FoundRoles) {
  const usual = {
    user: 'user_id',
    item: 'item_id',
    rating: 'rating',
    timestamp: 'timestamp',
    weight: 'weight',
  }
  const named = columnOptions(roles, ({ position }) => columns[position].column.name as string)
  return Object.fromEntries(
    Object.entries(named).filter(([role, column]) => column !== usual[role as keyof typeof usual]),
  )
}

function lightGcn({ name, start, isWhole, warnings, estimate }: TextStart): FileInspection {
  const lines = new TextDecoder('latin1').decode(start).split(/\r\n|\n|\r/)
  const filled = lines.map((line) => line.trim()).filter((line) => line !== '')
  const rows = filled.reduce((sum, line) => sum + line.split(/\s+/).length - 1, 0)
  return inspectionOf({
    name,
    isWhole,
    warnings,
    format: 'LightGCN lines',
    columns: [],
    rows,
    estimatedRows: estimate(rows),
    found: { roles: new Map(), questions: [] },
    suggest: () => ({ reader: 'readLightGcnLines', options: {} }),
  })
}

function isGowalla(
  columns: readonly SeenColumn[],
  header: unknown,
  { delimiter }: TextForm,
): boolean {
  return (
    header !== true &&
    delimiter === '\t' &&
    columns.length === 5 &&
    columns[1].column.type === 'time' &&
    columns[2].numbers !== undefined &&
    columns[3].numbers !== undefined
  )
}

function gowalla(common: Omit<Findings, 'format' | 'found' | 'suggest'>): FileInspection {
  const reason = 'check-ins of Gowalla have it there'
  const roles = new Map(
    (
      [
        ['user', 0],
        ['timestamp', 1],
        ['item', 4],
      ] as const
    ).map(([role, position]) => [role, { position, confidence: 0.95, reason }]),
  )
  return inspectionOf({
    ...common,
    format: 'Gowalla check-ins',
    found: { roles, questions: [] },
    suggest: () => ({ reader: 'readGowallaCheckIns', options: {} }),
  })
}

/** Returns a warning for two nameless columns with the same ids in both, which may be pairs of two users. */
function friendshipWarning(
  columns: readonly SeenColumn[],
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
