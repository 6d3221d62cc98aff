import { printableText } from '@gnnrec/graph'
import { csvField } from '@gnnrec/graph/files'

/**
 * Encodes rows as CSV by RFC 4180; the first line names the columns. Text that a spreadsheet would take for
 * a formula has an apostrophe before it, and control characters are written out.
 */
export function toCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const line = (row: readonly (string | number | undefined)[]) => row.map(field).join(',')
  return `${[columns, ...rows].map(line).join('\r\n')}\r\n`
}

function plainText(text: string): string {
  return printableText(/^\s*[=+\-@]|^[\t\r]/.test(text) ? `'${text}` : text)
}

function field(value: string | number | undefined): string {
  const text = typeof value === 'string' ? plainText(value) : String(value ?? '')
  // Quotes keep the spaces around a field.
  return text === text.trim() ? csvField(text) : `"${text.replaceAll('"', '""')}"`
}
