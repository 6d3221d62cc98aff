import { printableText } from '@gnnrec/graph'
import type { Table } from './table.js'

/** Options of {@link toLatex}. */
interface LatexOptions {
  /** Caption of the table, as plain text. @defaultValue none */
  readonly caption?: string
  /** Label of the table, for `\ref`; characters besides letters, digits and `:._-` become `-`. @defaultValue none */
  readonly label?: string
}

/**
 * Formats a table in LaTeX, with the rules of the package booktabs. Cells and notes are text, which is
 * escaped.
 *
 * @example
 * ```ts
 * import { toLatex } from '@gnnrec/experiments'
 *
 * const columns = [
 *   { title: 'model', align: 'left' },
 *   { title: 'ndcg@20', align: 'right' },
 * ] as const
 * console.log(toLatex({ columns, rows: [['light-gcn', '0.1234 ± 0.0012']] }, { caption: 'Results' }))
 * ```
 */
export function toLatex(
  { columns, rows, notes = [] }: Table,
  { caption, label }: LatexOptions = {},
): string {
  const line = (row: readonly string[]) => {
    const cells = row.map(escapeLatex).join(' & ')
    // The command before a row takes a bracket or a star for an argument of its own.
    return `    ${/^\s*[[*]/.test(cells) ? '{}' : ''}${cells} \\\\`
  }
  return [
    '\\begin{table}',
    '  \\centering',
    ...(caption === undefined ? [] : [`  \\caption{${escapeLatex(caption)}}`]),
    ...(label === undefined ? [] : [`  \\label{${label.replace(/[^a-z0-9:._-]+/gi, '-')}}`]),
    `  \\begin{tabular}{${columns.map(({ align }) => (align === 'right' ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    line(columns.map(({ title }) => title)),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...notes.map((note) => `  \\par\\smallskip{\\footnotesize ${escapeLatex(note)}}`),
    '\\end{table}',
    '',
  ].join('\n')
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\textquotedbl{}',
  '±': '$\\pm$',
  '−': '$-$',
  '–': '--',
  '×': '$\\times$',
  '·': '$\\cdot$',
  α: '$\\alpha$',
  β: '$\\beta$',
  λ: '$\\lambda$',
}

/** Escapes text for LaTeX; a line that ends within it goes on after a space. */
function escapeLatex(text: string): string {
  const line = printableText(text.replace(/\s+/g, ' '))
  return line.replace(/[\\~^<>|"±−–×·αβλ&%$#_{}]/g, (found) => special[found] ?? `\\${found}`)
}
