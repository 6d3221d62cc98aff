/** Encodes rows as CSV by RFC 4180; the first line names the columns. */
export function toCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const line = (row: readonly (string | number | undefined)[]) => row.map(field).join(',')
  return `${[columns, ...rows].map(line).join('\r\n')}\r\n`
}

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value)
  // Quotes keep the spaces around a field.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
