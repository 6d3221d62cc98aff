import {
  type ModelSummary,
  type PairedComparison,
  resultCsv,
  resultTable,
  toLatex,
  toMarkdown,
} from '@gnnrec/experiments'
import { printableLine } from '@gnnrec/graph/files'
import { expect, it } from 'vitest'
import { toCsv } from '../../src/report/csv.js'
import { progressLine } from '../../src/runner/line-progress.js'

const models: ModelSummary[] = [
  {
    dataset: 'set_1',
    model: 'popularity',
    setting: '',
    seeds: [1],
    failed: 0,
    metrics: { 'ndcg@10': { mean: 0.1 }, 'coverage@10': { mean: 0.05 } },
    trainSeconds: 0.01,
  },
  {
    dataset: 'set_1',
    model: 'light-gcn',
    setting: 'a & b, 50 %',
    seeds: [1, 2],
    failed: 1,
    metrics: {
      'ndcg@10': { mean: 0.123456, deviation: 0.002, interval: [0.12, 0.13] },
      'coverage@10': { mean: 0.5, deviation: 0 },
    },
    bestEpoch: 31.5,
    trainSeconds: 12.34,
    peakRssMb: 300,
  },
]

const comparison: PairedComparison = {
  dataset: 'set_1',
  model: 'light-gcn',
  setting: 'a & b, 50 %',
  metric: 'ndcg@10',
  reference: { model: 'popularity', setting: '' },
  users: 40,
  difference: 0.023456,
  interval: [-0.01, 0.05],
  effectSize: -0.25,
  permutation: { pValue: 0.0001, adjusted: 0.0002 },
  wilcoxon: { pValue: 0.2, adjusted: 0.4 },
  tTest: { pValue: 0.3, adjusted: 0.3 },
}

it('shows mean, deviation, difference, p-value and effect size', () => {
  const { columns, rows } = resultTable(models, { comparisons: [comparison] })
  expect(columns.map(({ title }) => title)).toEqual([
    'dataset',
    'model',
    'setting',
    'seeds',
    'failed',
    'ndcg@10',
    'coverage@10',
    'Δ ndcg@10 to popularity',
    'p (Holm)',
    'dz',
    'best epoch',
    'train s',
  ])
  expect(rows).toEqual([
    ['set_1', 'popularity', '', '1', '0', '0.1000', '0.0500', '', '', '', '', '0.0'],
    [
      'set_1',
      'light-gcn',
      'a & b, 50 %',
      '2',
      '1',
      '0.1235 ± 0.0020',
      '0.5000 ± 0.0000',
      '+0.0235 [−0.0100, +0.0500]',
      '< 0.001',
      '−0.25',
      '32',
      '12.3',
    ],
  ])
})

it('says in the header what differences are to', () => {
  const header = (comparisons: PairedComparison[]) =>
    resultTable(models, { comparisons })
      .columns.map(({ title }) => title)
      .find((title) => title.startsWith('Δ'))
  const to = (model: string, reference: PairedComparison['reference']) => ({
    ...comparison,
    model,
    reference,
  })
  const layers = to('dgr', { model: 'dgr', setting: '2 layers' })
  const rank = to('svd-gcn', { model: 'svd-gcn', setting: 'rank 15' })
  expect(header([layers])).toBe('Δ ndcg@10 to 2 layers of the same model')
  expect(header([layers, layers, rank])).toBe('Δ ndcg@10 to 2 layers or rank 15 of the same model')
  const ease = to('dgr', { model: 'ease', setting: 'l2 1' })
  expect(header([ease])).toBe('Δ ndcg@10 to ease')
  expect(header([ease, to('ease', ease.reference)])).toBe('Δ ndcg@10 to ease, l2 1')
  expect(resultCsv(models, [{ ...comparison, reference: rank.reference }])).toContain(
    ',"svd-gcn, rank 15",',
  )
})

it('says undefined of identical runs', () => {
  const same = { ...comparison, permutation: undefined, wilcoxon: undefined, effectSize: undefined }
  const { rows } = resultTable(models, { metrics: ['ndcg@10'], comparisons: [same] })
  expect(rows[1].slice(6, 9)).toEqual(['+0.0235 [−0.0100, +0.0500]', 'undefined', 'undefined'])
  expect(resultCsv(models, [same])).toContain('undefined,undefined,undefined,undefined,0.3')
})

it('leaves columns out that would be empty', () => {
  const { columns } = resultTable(models.slice(0, 1), { metrics: ['ndcg@10'], digits: 2 })
  expect(columns.map(({ title }) => title)).toEqual([
    'dataset',
    'model',
    'seeds',
    'ndcg@10',
    'best epoch',
    'train s',
  ])
})

it('writes Markdown with columns of even width', () => {
  expect(
    toMarkdown({
      columns: [
        { title: 'a|b', align: 'left' },
        { title: 'n', align: 'right' },
      ],
      rows: [
        ['x_y', '1'],
        ['long one', '22'],
      ],
    }),
  ).toBe(
    [
      '| a\\|b     |   n |',
      '| -------- | --: |',
      '| x\\_y     |   1 |',
      '| long one |  22 |',
      '',
    ].join('\n'),
  )
})

it('writes LaTeX in which every cell is text', () => {
  const text = '50 % of a_b & #1 {x} \\y ~z ^q <$> ±1 −2 –'
  const latex = toLatex(
    {
      columns: [
        { title: 'α', align: 'left' },
        { title: 'n', align: 'right' },
      ],
      rows: [[text, '1']],
    },
    { caption: 'A & B', label: 'tab:a' },
  )
  expect(latex).toContain('\\caption{A \\& B}')
  expect(latex).toContain('\\label{tab:a}')
  expect(latex).toContain('\\begin{tabular}{lr}')
  expect(latex).toContain(
    '    50 \\% of a\\_b \\& \\#1 \\{x\\} \\textbackslash{}y \\textasciitilde{}z ' +
      '\\textasciicircum{}q \\textless{}\\$\\textgreater{} $\\pm$1 $-$2 -- & 1 \\\\',
  )
  // Nothing is left that LaTeX would take for a command of its own.
  const cell = latex.split('\n').find((line) => line.includes('50')) as string
  expect(cell.replace(/\\([a-z]+\{\}|[&%$#_{}]|\\)|\$(\\pm|-)\$/g, '')).not.toMatch(/[%#_{}~^$]/)
})

const hostile = [
  '=1+1',
  '+1',
  '-1+1|cmd',
  '@SUM(A1)',
  ' =1',
  '\t=1',
  '\u001b[2J\u0007',
  '\u009b31m',
  'a\u202eb',
  '\\input{/etc/passwd}',
  '}\\end{tabular}\\input x',
  '^^5cinput x',
  '<script>alert(1)</script>',
  'a\n\n\\par b',
  '[5pt] b',
  ' [5pt]',
  '* c',
  '*[1cm]',
  '__proto__',
  'constructor',
]

const hostileModels = (): ModelSummary[] =>
  hostile.map((text) => ({ ...models[1], dataset: text, model: text, setting: text }))

it('writes no formula and no control character into CSV', () => {
  const text = resultCsv(hostileModels(), [
    {
      ...comparison,
      dataset: '=1+1',
      model: '=1+1',
      setting: '=1+1',
      reference: { model: '=2', setting: '' },
    },
  ])
  expect(text.replace(/[\r\n\t]/g, '')).not.toMatch(/\p{Cc}|\u202e/u)
  const cells = text.split(/\r\n|,/).map((cell) => cell.replace(/^"/, ''))
  for (const cell of cells) {
    if (/^\s*[=+\-@]/.test(cell)) expect(Number(cell)).not.toBeNaN()
  }
  expect(text).toContain("'=1+1,'=1+1,'=1+1,2,1,0.123456")
  expect(text).toContain(",'=2,")
})

it('writes no command and no control character into LaTeX and Markdown', () => {
  const table = resultTable(hostileModels(), { metrics: ['ndcg@10'] })
  const notes = hostile
  const latex = toLatex({ ...table, notes }, { caption: hostile.join(), label: 'a}\\input{x' })
  const markdown = toMarkdown({ ...table, notes })
  expect(latex).toContain('\\label{a-input-x}')
  for (const text of [latex, markdown]) {
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u)
  }
  const commands = [...latex.matchAll(/\\([a-zA-Z]+)/g)].map(([, name]) => name)
  const known =
    /^(begin|end|centering|caption|label|toprule|midrule|bottomrule|par|smallskip|footnotesize|text\w+|pm)$/
  for (const name of commands) expect(name).toMatch(known)
  expect(latex.match(/\\end\{tabular\}/g)).toHaveLength(1)
  // A row that started so would be an argument of the end of a row or of a rule before it.
  expect(latex).not.toMatch(/(\\\\|rule)\s*[[*]/)
  expect(toLatex({ columns: [{ title: '[1pt]', align: 'left' }], rows: [] })).toContain('{}[1pt]')
  expect(latex.match(/\\par(?![a-z])/g)).toHaveLength(hostile.length)
  expect(markdown).not.toMatch(/(?<!\\)<script/)
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'))
  expect(lines).toHaveLength(hostile.length + 2)
})

it('shows no name raw on a terminal', () => {
  const names = {
    dataset: 'd',
    model: '\u001b[31m',
    setting: 'a\nb',
    seed: 1,
    phase: 'test',
  } as const
  const line = progressLine({ type: 'start', trial: { trial: 't', ...names } }) as string
  expect(printableLine(line)).toBe('start  d · \\u001b[31m · a b · seed 1')
})

it('writes CSV with all digits, and quotes where they are needed', () => {
  const lines = resultCsv(models, [comparison]).split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toContain('set_1,light-gcn,"a & b, 50 %",2,1,0.123456,0.002,0.12,0.13,0.5,0,,')
  expect(lines[2]).toContain(',0.0001,0.0002,0.2,0.4,0.3,0.3,-0.25,31.5,12.34,300')
  expect(toCsv(['a"b', 'c'], [['x\ny', undefined]])).toBe('"a""b",c\r\n"x\ny",\r\n')
})

it('is not made when it would be far larger than its results', () => {
  const rows = Array.from({ length: 200 }, (_, row): ModelSummary => {
    const names = Array.from({ length: 500 }, (_, metric) => `m${row}-${metric}@10`)
    return {
      dataset: 'd',
      model: `model ${row}`,
      setting: '',
      seeds: [1],
      failed: 0,
      metrics: Object.fromEntries(names.map((name) => [name, { mean: 0.5 }])),
    }
  })
  for (const make of [resultTable, resultCsv])
    expect(() => make(rows)).toThrow(/20000000 cells, of 200 rows and 100000 metrics/)
  expect(resultTable(rows, { metrics: ['m0-0@10'] }).rows).toHaveLength(200)
})
