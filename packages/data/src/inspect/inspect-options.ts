import { InvalidOptionsError } from '@gnnrec/graph'
import { nearestHint } from '@gnnrec/graph/kernels'
import * as z from 'zod'
import { checkDistinct } from '../readers/column-places.js'
import type { ReaderOptions } from '../readers/reader-options.js'
import { columnRoles } from '../tables/column-roles.js'
import type { ColumnRole } from './file-inspection.js'
import type { GivenRoles } from './find-roles.js'

/** Options of `inspectFile` and `readInteractions`, which answer questions about a file. */
export interface InspectOptions extends ReaderOptions {
  /**
   * The columns of some or all roles, each by its name in the header or its position from 0. `false` stands for a role
   * that is not to be read.
   *
   * @defaultValue the columns that are recognized
   */
  columns?:
    | {
        user?: string | number | undefined
        item?: string | number | undefined
        rating?: string | number | false | undefined
        timestamp?: string | number | false | undefined
        weight?: string | number | false | undefined
      }
    | undefined
  /**
   * True when the first line of delimited text has the names of the columns, false when it is a row.
   *
   * @defaultValue what is recognized
   */
  header?: boolean | undefined
  /**
   * The order of day and month in dates of delimited text such as `03/04/2024`, where the dates do not tell it.
   *
   * @defaultValue what is recognized
   */
  timestampFormat?: 'day-first' | 'month-first' | undefined
}

const place = z.union([z.string(), z.int().nonnegative()], {
  error: "expected a column's name or its position from 0",
})
const optionalPlace = z
  .union([z.string(), z.int().nonnegative(), z.literal(false)], {
    error: "expected a column's name, its position from 0, or false",
  })
  .optional()

export const inspectSchema = z.strictObject({
  columns: z
    .strictObject({
      user: place.optional(),
      item: place.optional(),
      rating: optionalPlace,
      timestamp: optionalPlace,
      weight: optionalPlace,
    })
    .superRefine(checkDistinct)
    .default({}),
  header: z.boolean().optional(),
  timestampFormat: z.enum(['day-first', 'month-first']).optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

/** The options of {@link inspectFile} with their defaults. */
export type ParsedInspectOptions = z.output<typeof inspectSchema>

/**
 * Returns the positions of the columns that the options name.
 *
 * @throws InvalidOptionsError when there is no such column, or one column has two roles
 */
export function givenRoles(
  file: string,
  columns: ParsedInspectOptions['columns'],
  names: readonly (string | undefined)[],
): GivenRoles {
  const given: Partial<Record<ColumnRole, number | false>> = {}
  const roleAt = new Map<number, ColumnRole>()
  for (const role of columnRoles) {
    const wanted = columns[role]
    if (wanted === undefined) continue
    const position = wanted === false ? false : positionOf(file, role, wanted, names)
    given[role] = position
    if (position === false) continue
    const other = roleAt.get(position)
    if (other !== undefined) {
      throw new InvalidOptionsError(
        `${file}: columns.${other} and columns.${role} are both column ${position}, counted from 0; expected a column for each.`,
      )
    }
    roleAt.set(position, role)
  }
  return given
}

function positionOf(
  file: string,
  role: ColumnRole,
  wanted: string | number,
  names: readonly (string | undefined)[],
): number {
  const position = typeof wanted === 'number' ? wanted : names.indexOf(wanted)
  if (position >= 0 && position < names.length) return position
  const known = names.filter((name) => name !== undefined)
  const hint = typeof wanted === 'string' ? nearestHint(wanted, known) : ''
  const found =
    known.length === 0
      ? `the columns have no names; give a position from 0 to ${names.length - 1}`
      : `the columns are ${known.map((name) => JSON.stringify(name)).join(', ')}`
  throw new InvalidOptionsError(
    `${file}: columns.${role} got ${JSON.stringify(wanted)}, but there is no such column${hint}; ${found}.`,
  )
}
