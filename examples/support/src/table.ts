import Table from 'cli-table3'

/**
 * Formats a table with plain borders; every column except the first is right-aligned unless told
 * otherwise.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = head.map((_, column) => (column === 0 ? 'left' : 'right')),
): string {
  const table = new Table({
    head: [...head],
    colAligns: [...align],
    style: { head: [], border: [] },
    // Empty strings leave out the lines between rows.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const row of rows) table.push([...row])
  return table.toString()
}
