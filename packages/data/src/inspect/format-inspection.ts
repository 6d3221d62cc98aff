import { printableText } from '@gnnrec/graph'
import { printableLine } from '@gnnrec/graph/files'
import type { FileInspection } from './file-inspection.js'

/** Returns an inspection as readable text. */
export function formatInspection({
  name,
  columns,
  suggestion,
  warnings,
}: Omit<FileInspection, 'toString'>): string {
  const rows = columns.map(({ position, name: column, role = '-', type, examples }) => [
    column === undefined ? `column ${position}` : printableText(column),
    role,
    type,
    examples.map((example) => JSON.stringify(example)).join(', '),
  ])
  const widths = [0, 1, 2].map((place) => Math.max(0, ...rows.map((row) => row[place].length)))
  const table = rows.map((row) =>
    `  ${row.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join('  ')}`.trimEnd(),
  )
  const call =
    suggestion === undefined
      ? 'The columns of users and items were not recognized. Name them in the options of readCsv.'
      : `Read it with ${suggestion.reader}(source, ${JSON.stringify(suggestion.options)})`
  const lines = [name, ...table, call, ...warnings.map((warning) => `Warning: ${warning}`)]
  return lines.map((line) => printableLine(line)).join('\n')
}
