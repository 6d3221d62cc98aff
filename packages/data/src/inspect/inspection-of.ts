import { columnRoles } from '../tables/column-roles.js'
import { contentWarnings, idWarnings, roleWarnings } from './column-findings.js'
import type { SeenColumn } from './describe-column.js'
import type {
  ColumnCandidate,
  ColumnRole,
  FileInspection,
  InspectedColumn,
  SuggestedReader,
} from './file-inspection.js'
import type { FoundRoles } from './find-roles.js'
import { formatInspection } from './format-inspection.js'

/** The number of rows of a preview. */
const previewRows = 5

/** Findings in a file of any format. */
export interface Findings {
  readonly name: string
  readonly format: FileInspection['format']
  readonly columns: readonly SeenColumn[]
  /** The number of rows that were seen. */
  readonly rows: number
  readonly isWhole: boolean
  readonly estimatedRows?: number | undefined
  readonly found: FoundRoles
  /** A function that returns the reader, called when no required question is open. */
  readonly suggest: () => SuggestedReader
  readonly warnings: readonly string[]
  readonly moreWarnings?: readonly string[]
}

/** Returns the inspection of a file from what was found in it. */
export function inspectionOf({
  name,
  format,
  columns,
  rows,
  isWhole,
  estimatedRows,
  found,
  suggest,
  warnings,
  moreWarnings = [],
}: Findings): FileInspection {
  const { roles, questions } = found
  const roleAt = new Map(
    [...roles].map(([role, candidate]) => [candidate.position, { role, candidate }]),
  )
  const result: Omit<FileInspection, 'toString'> = {
    name,
    format,
    columns: columns.map(({ column }) => withRole(column, roleAt.get(column.position))),
    preview: Array.from(
      { length: Math.min(previewRows, rows, columns.length > 0 ? rows : 0) },
      (_, row) => columns.map(({ values }) => values[row] ?? ''),
    ),
    seenRows: rows,
    isWhole,
    ...(estimatedRows !== undefined && { estimatedRows }),
    questions,
    ...(!questions.some(({ isRequired }) => isRequired) && { suggestion: suggest() }),
    warnings: [
      ...warnings,
      ...roleWarnings(columns, found),
      ...idWarnings(columns, found),
      ...(isWhole ? contentWarnings(columns, found, rows) : []),
      ...moreWarnings,
    ],
  }
  return { ...result, toString: () => formatInspection(result) }
}

function withRole(
  column: InspectedColumn,
  found: { readonly role: ColumnRole; readonly candidate: ColumnCandidate } | undefined,
): InspectedColumn {
  if (found === undefined) return column
  const { position, name, ...rest } = column
  const { role, candidate } = found
  return {
    position,
    ...(name !== undefined && { name }),
    role,
    confidence: candidate.confidence,
    ...rest,
  }
}

/** The columns of the roles as options of a reader. */
export type ColumnOptions<Place> = { user: Place; item: Place } & Partial<
  Record<'rating' | 'timestamp' | 'weight', Place>
>

/** Returns the columns of the roles as options of a reader. Users and items must have been found. */
export function columnOptions<Place>(
  roles: FoundRoles['roles'],
  placeOf: (candidate: ColumnCandidate) => Place,
): ColumnOptions<Place> {
  const places = columnRoles.flatMap((role) => {
    const candidate = roles.get(role)
    return candidate === undefined ? [] : [[role, placeOf(candidate)]]
  })
  return Object.fromEntries(places) as ColumnOptions<Place>
}
