import { printableText } from '@gnnrec/graph'
import type { Table } from './table.js'

/**
 * Formats a table in GitHub's Markdown, with columns of even width; notes follow as paragraphs.
 *
 * @example
 * ```ts
 * import { toMarkdown } from '@gnnrec/experiments'
 *
 * const columns = [
 *   { title: 'model', align: 'left' },
 *   { title: 'ndcg@20', align: 'right' },
 * ] as const
 * console.log(toMarkdown({ columns, rows: [['light-gcn', '0.1234 ± 0.0012']] }))
 * ```
 */
export function toMarkdown({ columns, rows, notes = [] }: Table): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(escapeMarkdown))
  const widths = columns.map((_, place) =>
    Math.max(3, ...cells.map((row) => [...row[place]].length)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, place) => padded(cell, widths[place], columns[place].align)).join(' | ')} |`
  const rule = columns.map(({ align }, place) =>
    align === 'right' ? `${'-'.repeat(widths[place] - 1)}:` : '-'.repeat(widths[place]),
  )
  const [head, ...body] = cells
  const table = [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)].join('\n')
  return `${[table, ...notes.map(escapeMarkdown)].join('\n\n')}\n`
}

function padded(cell: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(width - [...cell].length)
  return align === 'right' ? space + cell : cell + space
}

function escapeMarkdown(text: string): string {
  return printableText(text.replace(/\s+/g, ' ')).replace(/[\\|*_`<>[\]]/g, '\\$&')
}
