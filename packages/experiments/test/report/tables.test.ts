import {
  type ModelSummary,
  type PairedComparison,
  resultCsv,
  resultTable,
  toLatex,
  toMarkdown,
} from '@gnnrec/experiments'
import { expect, it } from 'vitest'
import { toCsv } from '../../src/report/csv.js'

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

it('writes CSV with all digits, and quotes where they are needed', () => {
  const lines = resultCsv(models, [comparison]).split('\r\n')
  expect(lines).toHaveLength(4)
  expect(lines[2]).toContain('set_1,light-gcn,"a & b, 50 %",2,1,0.123456,0.002,0.12,0.13,0.5,0,,')
  expect(lines[2]).toContain(',0.0001,0.0002,0.2,0.4,0.3,0.3,-0.25,31.5,12.34,300')
  expect(toCsv(['a"b', 'c'], [['x\ny', undefined]])).toBe('"a""b",c\r\n"x\ny",\r\n')
})
