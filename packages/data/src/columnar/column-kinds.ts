import { FileFormatError } from '../errors.js'
import { columnRoles } from '../tables/column-roles.js'

/** The kind of the values in a column of a file whose columns have types. */
export type ColumnKind =
  | 'integer'
  | 'float'
  | 'decimal'
  | 'text'
  | 'bytes'
  | 'timestamp'
  | 'date'
  | 'time of day'
  | 'duration'
  | 'boolean'
  | 'list or structure'
  | 'other'

/** A column of a file: its name, and the kind of its values. */
export interface TypedColumn {
  readonly name: string
  readonly kind: ColumnKind
}

/** The columns of a table of interactions. */
export type Role = (typeof columnRoles)[number]

const idKinds: readonly ColumnKind[] = ['integer', 'float', 'decimal', 'text', 'bytes']

/** The kinds that each column of a table can be made of. */
const kindsOf: Readonly<Record<Role, readonly ColumnKind[]>> = {
  user: idKinds,
  item: idKinds,
  rating: ['integer', 'float', 'decimal'],
  timestamp: ['integer', 'float', 'decimal', 'timestamp', 'date'],
  weight: ['integer', 'float', 'decimal'],
}

const expected: Readonly<Record<Role, string>> = {
  user: 'integers or text',
  item: 'integers or text',
  rating: 'numbers',
  timestamp: 'numbers, dates, or dates with a time of day',
  weight: 'numbers',
}

const valuesOf: Readonly<Record<ColumnKind, string>> = {
  integer: 'integers',
  float: 'numbers',
  decimal: 'decimal numbers',
  text: 'text',
  bytes: 'bytes',
  timestamp: 'dates with a time of day',
  date: 'dates',
  'time of day': 'times of day without a date',
  duration: 'durations',
  boolean: 'booleans',
  'list or structure': 'lists or structures',
  other: 'values of a type that is not read',
}

/**
 * Finds the wanted columns among those of a file.
 *
 * @throws FileFormatError when a column is missing, occurs twice, or has a type that its role cannot have
 */
export function findColumns<Column extends TypedColumn>(
  file: string,
  wanted: Readonly<Partial<Record<Role, string | undefined>>>,
  found: readonly Column[],
): Map<Role, Column> {
  const columns = new Map<Role, Column>()
  for (const role of columnRoles) {
    const name = wanted[role]
    if (name === undefined) continue
    const fail = (problem: string): never => {
      throw new FileFormatError(file, undefined, problem)
    }
    const named = found.filter((column) => column.name === name)
    const [column] = named
    if (column === undefined || column.kind === 'list or structure') {
      const flat = found.filter(({ kind }) => kind !== 'list or structure')
      const listed = flat.map((other) => JSON.stringify(other.name)).join(', ')
      const advice = column === undefined ? '' : ' Lists and structures cannot be read.'
      return fail(`no column ${JSON.stringify(name)}; the columns are ${listed}.${advice}`)
    }
    if (named.length > 1) {
      fail(`${named.length} columns have the name ${JSON.stringify(name)}. Rename all but one.`)
    }
    if (!kindsOf[role].includes(column.kind)) {
      fail(
        `the column ${JSON.stringify(name)} has ${valuesOf[column.kind]}, expected ${expected[role]} for the ${role}. Convert the column when you write the file.`,
      )
    }
    columns.set(role, column)
  }
  return columns
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Returns the text that bytes stand for in UTF-8. Other bytes are returned unchanged, which no column of
 * ids accepts: a text with replacement characters could stand for two ids.
 */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes
  }
}

/** The largest scale of decimal numbers. Decimal numbers of 256 bits have 76 digits. */
const largestScale = 1000

/** Returns the kind of decimal numbers of a scale, which in a damaged file may be of any size. */
export function decimalKind(scale: number): ColumnKind {
  return Math.abs(scale) <= largestScale ? 'decimal' : 'other'
}

/**
 * Returns a decimal number: a bigint when it is an integer, so that ids of any length stay exact, else the
 * nearest number.
 */
export function decimalOf(unscaled: bigint, scale: number): bigint | number {
  if (scale <= 0) return unscaled * 10n ** BigInt(-scale)
  const divisor = 10n ** BigInt(scale)
  return unscaled % divisor === 0n ? unscaled / divisor : Number(unscaled) / 10 ** scale
}

/** Returns seconds from a count of a smaller unit, of which a second has `perSecond`. */
export function secondsFrom(count: bigint, perSecond: 1 | 1e3 | 1e6 | 1e9): number {
  // Nanoseconds since 1970 are beyond 2^53; most of them are whole microseconds, which are not.
  if (perSecond === 1e9 && count % 1000n === 0n) return Number(count / 1000n) / 1e6
  return Number(count) / perSecond
}
