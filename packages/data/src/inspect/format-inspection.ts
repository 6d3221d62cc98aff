import { printableText } from '@gnnrec/graph'
import { printableLine } from '@gnnrec/graph/files'
import type { FileInspection } from './file-inspection.js'

const previewColumns = 8
const cellLength = 20
const exampleLength = 60

/** Returns an inspection as readable text. */
export function formatInspection(inspection: Omit<FileInspection, 'toString'>): string {
  const { name, format, columns, suggestion, questions, warnings } = inspection
  const facts = columns.map(({ position, name: column, role = '-', type, examples }) => [
    column === undefined ? `column ${position}` : printableText(column),
    role,
    type,
    examples.map((example) => JSON.stringify(shortened(example, exampleLength))).join(', '),
  ])
  const call =
    suggestion === undefined
      ? []
      : [`Read it with ${suggestion.reader}(source, ${JSON.stringify(suggestion.options)})`]
  const lines = [
    `${name}: ${format}, ${rowsOf(inspection)}`,
    ...aligned(facts),
    ...preview(inspection),
    ...call,
    ...questions.map(
      ({ isRequired, message }) => `${isRequired ? 'Question' : 'Optional'}: ${message}`,
    ),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ]
  return lines.map((line) => printableLine(line)).join('\n')
}

function rowsOf({
  seenRows,
  isWhole,
  estimatedRows,
}: Pick<FileInspection, 'seenRows' | 'isWhole' | 'estimatedRows'>): string {
  const count = (rows: number): string =>
    `${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'}`
  if (isWhole) return count(seenRows)
  if (estimatedRows === undefined) return `of which ${count(seenRows)} were seen`
  return `about ${count(estimatedRows)}`
}

function preview({
  columns,
  preview: rows,
}: Pick<FileInspection, 'columns' | 'preview'>): string[] {
  if (rows.length === 0) return []
  const cells = (values: readonly string[]): string[] => [
    ...values.slice(0, previewColumns).map((value) => shortened(printableText(value), cellLength)),
    ...(values.length > previewColumns ? ['...'] : []),
  ]
  const names = columns.map(({ position, name }) => name ?? `column ${position}`)
  return ['First rows:', ...aligned([cells(names), ...rows.map(cells)])]
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, place) =>
    Math.max(...rows.map((row) => row[place].length)),
  )
  return rows.map((row) =>
    `  ${row.map((cell, place) => cell.padEnd(widths[place])).join('  ')}`.trimEnd(),
  )
}
