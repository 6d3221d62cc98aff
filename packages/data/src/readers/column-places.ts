import { InvalidOptionsError } from '@gnnrec/graph'
import { nearestHint } from '@gnnrec/graph/kernels'
import type * as z from 'zod'
import { FileFormatError } from '../errors.js'
import { columnRoles } from '../tables/column-roles.js'
import type { ColumnPlaces } from './csv-table.js'

/** The columns to read, each by its name in the header or by its position from 0. */
export interface WantedColumns {
  readonly user: string | number
  readonly item: string | number
  readonly rating?: string | number | undefined
  readonly timestamp?: string | number | undefined
  readonly weight?: string | number | undefined
}

/**
 * Finds the position of every wanted column in the records; -1 stands for a column that is not wanted.
 *
 * @throws FileFormatError when a column is missing or its name occurs twice
 * @throws InvalidOptionsError when two roles have one column
 */
export function placesOf(
  columns: WantedColumns,
  first: readonly string[],
  header: boolean,
  file: string,
  line: number,
): ColumnPlaces {
  const found = header
    ? `the columns are ${first.map((name) => JSON.stringify(name)).join(', ')}`
    : `there are ${first.length} columns (0 to ${first.length - 1})`
  const place = (wanted: string | number | undefined): number => {
    if (wanted === undefined) return -1
    const position = typeof wanted === 'string' ? first.indexOf(wanted) : wanted
    if (position === -1 || position >= first.length) {
      const hint = typeof wanted === 'string' && header ? nearestHint(wanted, first) : ''
      throw new FileFormatError(file, line, `no column ${JSON.stringify(wanted)}${hint}; ${found}.`)
    }
    if (typeof wanted === 'string' && first.lastIndexOf(wanted) !== position) {
      throw new FileFormatError(
        file,
        line,
        `two columns have the name ${JSON.stringify(wanted)}; ${found}. Rename one of them, or pass the position to readCsv.`,
      )
    }
    return position
  }
  const places = {
    user: place(columns.user),
    item: place(columns.item),
    rating: place(columns.rating),
    timestamp: place(columns.timestamp),
    weight: place(columns.weight),
  }
  rejectSharedPlaces(places, file)
  return places
}

/** Checks that no column has two roles. One may be given by name and the other by position. */
function rejectSharedPlaces(places: ColumnPlaces, file: string): void {
  const roleAt = new Map<number, string>()
  for (const [role, place] of Object.entries(places)) {
    const other = roleAt.get(place)
    if (place >= 0 && other !== undefined) {
      throw new InvalidOptionsError(
        `${file}: ${other} and ${role} are both column ${place}, counted from 0; expected a column for each.`,
      )
    }
    roleAt.set(place, role)
  }
}

/** Adds a problem to the check of options for every role whose column another role has, too. */
export function checkDistinct(
  columns: Readonly<Record<string, unknown>>,
  context: z.RefinementCtx,
): void {
  const roleOf = new Map<unknown, string>()
  for (const role of columnRoles) {
    const column = columns[role]
    if (column === undefined || column === false) continue
    const other = roleOf.get(column)
    if (other === undefined) roleOf.set(column, role)
    else {
      const message = `${other} has this column already, expected a column for each`
      context.addIssue({ code: 'custom', path: [role], message })
    }
  }
}
