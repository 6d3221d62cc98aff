import { knownColumnNames, meantRole } from '@gnnrec/graph/files'
import { isCanonicalInteger, numberOfText, timeOfText } from '../readers/text-values.js'
import { columnRoles } from '../tables/column-roles.js'
import type { ColumnRole, InspectedColumn } from './file-inspection.js'

/** The smallest number that counts as a time: 1973 in seconds. No rating and hardly any id is so large. */
const earliestTime = 1e8

/** Determines the type of a column and picks examples of its values. */
export function describeColumn(
  position: number,
  name: string | undefined,
  values: readonly string[],
): InspectedColumn {
  const type = values.every(isCanonicalInteger)
    ? 'integer'
    : values.every((text) => timeOfText(text) !== undefined)
      ? 'time'
      : // A value such as "007" is a number too, but as an id it has to stay a text.
        values.every((text) => numberOfText(text) !== undefined) &&
          !values.some((text) => /^0\d/.test(text))
        ? 'number'
        : 'text'
  const examples = [...new Set(values)].slice(0, 3)
  return { position, ...(name !== undefined && { name }), type, examples }
}

/** Adds roles to columns, by their names or, if they have none, by their positions and values. */
export function withRoles(columns: readonly InspectedColumn[]): InspectedColumn[] {
  const roles = columns.some(({ name }) => name !== undefined)
    ? rolesByName(columns)
    : rolesByPlace(columns)
  return columns.map((column) => {
    const role = roles.get(column.position)
    return role === undefined ? column : { ...column, role }
  })
}

/** Returns a warning for each column that would not be read although its name is like that of a role. */
export function roleWarnings(columns: readonly InspectedColumn[]): string[] {
  return columns.flatMap(({ name, role }) => {
    if (name === undefined || role !== undefined) return []
    const meant = meantRole(name, (other) => columns.some((column) => column.role === other))
    return meant === undefined
      ? []
      : [
          `The column ${JSON.stringify(name)} would not be read. Name it as the ${meant} in the options if it is one.`,
        ]
  })
}

function rolesByName(columns: readonly InspectedColumn[]): Map<number, ColumnRole> {
  const plain = ({ name = '' }: InspectedColumn): string =>
    name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const roles = new Map<number, ColumnRole>()
  for (const role of columnRoles) {
    for (const wanted of knownColumnNames[role]) {
      const found = columns.find((column) => plain(column) === wanted && fits(column, role))
      if (found === undefined) continue
      roles.set(found.position, role)
      break
    }
  }
  return roles
}

/** Guesses roles by position: almost all files without a header have the order user, item, rating, time. */
function rolesByPlace(columns: readonly InspectedColumn[]): Map<number, ColumnRole> {
  const roles = new Map<number, ColumnRole>([
    [0, 'user'],
    [1, 'item'],
  ])
  for (const column of columns.slice(2, 4)) {
    const isTime =
      column.type === 'time' ||
      (column.type === 'integer' && column.examples.every((text) => Number(text) >= earliestTime))
    const role = isTime ? 'timestamp' : 'rating'
    if (fits(column, role) && ![...roles.values()].includes(role)) roles.set(column.position, role)
  }
  return roles
}

function fits({ type }: InspectedColumn, role: ColumnRole): boolean {
  if (role === 'rating' || role === 'weight') return type === 'integer' || type === 'number'
  if (role === 'timestamp') return type !== 'text'
  return true
}
