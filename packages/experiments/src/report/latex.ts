import type { Table } from './table.js'

/** What goes around a table in LaTeX. */
export interface LatexOptions {
  /** Plain text. @defaultValue none */
  readonly caption?: string
  /** For `\ref`. @defaultValue none */
  readonly label?: string
}

/** A table in LaTeX with the rules of the package booktabs; every cell is text, not LaTeX. */
export function toLatex({ columns, rows }: Table, { caption, label }: LatexOptions = {}): string {
  const line = (row: readonly string[]) => `    ${row.map(escapeLatex).join(' & ')} \\\\`
  return [
    '\\begin{table}',
    '  \\centering',
    ...(caption === undefined ? [] : [`  \\caption{${escapeLatex(caption)}}`]),
    ...(label === undefined ? [] : [`  \\label{${label}}`]),
    `  \\begin{tabular}{${columns.map(({ align }) => align[0]).join('')}}`,
    '    \\toprule',
    line(columns.map(({ title }) => title)),
    '    \\midrule',
    ...rows.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
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

/** Text as LaTeX prints it. */
function escapeLatex(text: string): string {
  return text.replace(/[\\~^<>|"±−–×·αβλ&%$#_{}]/g, (found) => special[found] ?? `\\${found}`)
}
