import { formatTable, type ResultRow } from '@gnnrec/example-support'

/**
 * Formats rows as tables with one column for each figure. A row that has no figure in common with
 * the rows above it starts another table.
 */
export function formatRows(rows: readonly ResultRow[]): string {
  const groups: { columns: Set<string>; rows: { name: string; figures: Map<string, string> }[] }[] =
    []
  for (const row of rows) {
    const figures = figuresOf(row)
    let group = groups.at(-1)
    if (!group || ![...figures.keys()].some((name) => group?.columns.has(name))) {
      group = { columns: new Set(), rows: [] }
      groups.push(group)
    }
    for (const name of figures.keys()) group.columns.add(name)
    group.rows.push({ name: row.name, figures })
  }
  return groups
    .map((group) => {
      const columns = [...group.columns]
      return formatTable(
        ['what', ...columns],
        group.rows.map(({ name, figures }) => [
          name,
          ...columns.map((column) => figures.get(column) ?? ''),
        ]),
      )
    })
    .join('\n')
}

/** Formats a row as one line, for rows that are shown as they are measured. */
export function formatLine(row: ResultRow): string {
  const figures = Array.from(figuresOf(row), ([name, value]) => `${name} ${value}`)
  return `${row.name}: ${figures.join('; ')}`
}

function figuresOf({ seconds, peakRssMb, epochs, metrics, ratio }: ResultRow): Map<string, string> {
  const figures = new Map<string, string>()
  for (const [name, value] of Object.entries({ ...metrics, ...ratio }))
    figures.set(name, String(Number(value.toPrecision(4))))
  if (epochs !== undefined) figures.set('epoch', String(epochs))
  if (seconds !== undefined) figures.set('seconds', seconds.toPrecision(3))
  if (peakRssMb !== undefined) figures.set('peak MB', String(peakRssMb))
  return figures
}
