/** Rows of fields as RFC 4180 has them, the first line naming the columns. */
export function toCsv(
  columns: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const line = (row: readonly (string | number | undefined)[]) => row.map(field).join(',')
  return `${[columns, ...rows].map(line).join('\r\n')}\r\n`
}

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value)
  // A field with spaces around it is kept by quotes.
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
