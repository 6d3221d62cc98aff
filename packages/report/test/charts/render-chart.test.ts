import { expect, it } from 'vitest'
import { lineSpec } from '../../src/charts/line-spec.js'
import { renderChart } from '../../src/charts/render-chart.js'

const points = [
  [1, 0.1],
  [2, 0.4],
  [3, 0.2],
] as const

it('draws a line through all points, in the colour of the page', async () => {
  const { content, width, height } = await renderChart({
    kind: 'lines',
    xTitle: 'epoch',
    series: [{ style: 1, points }],
  })
  expect([width, height]).toEqual([340, 196])
  const [, path] = /d="(M[^"]*)"[^>]*stroke="var\(--series-1\)"/.exec(content)!
  expect(path.split('L')).toHaveLength(3)
  expect(content).toContain('>epoch</text>')
})

it('plans a line of more points than a call takes arguments', () => {
  const many = Array.from({ length: 300_000 }, (_, x) => [x + 1, x % 7] as const)
  const spec = lineSpec({ kind: 'lines', xTitle: 'epoch', series: [{ style: 0, points: many }] })
  expect(spec).toMatchObject({ encoding: { x: { scale: { domain: [1, 300_000] } } } })
})

it('draws the same each time', async () => {
  const chart = { kind: 'lines', xTitle: 'x', series: [{ style: 0, points }] } as const
  expect(await renderChart(chart)).toEqual(await renderChart(chart))
})

it('draws bars in proportion, with whiskers and values', async () => {
  const { content } = await renderChart({
    kind: 'rows',
    mark: 'bar',
    xTitle: '',
    rows: [
      { label: 'a', style: 0, value: 0.2, interval: [0.1, 0.3], text: '0.2000' },
      { label: 'b', style: 1, value: 0.1, interval: undefined, text: '0.1000' },
    ],
  })
  const lengths = [...content.matchAll(/d="M0,[\d.]+h([\d.]+)v/g)].map(([, length]) =>
    Number(length),
  )
  expect(lengths[0] / lengths[1]).toBeCloseTo(2, 1)
  const whiskers = [
    ...content.matchAll(/x2="([\d.]+)"[^>]*stroke="var\(--ink\)" stroke-width="1.5"/g),
  ]
  expect(whiskers.map(([, length]) => Number(length) / lengths[0])).toEqual([expect.closeTo(1, 1)])
  for (const text of ['a', 'b', '0.2000', '0.1000']) expect(content).toContain(`>${text}</text>`)
})

it('escapes what it writes and cuts long names', async () => {
  const { content } = await renderChart({
    kind: 'rows',
    mark: 'point',
    xTitle: '<i>',
    rows: [
      { label: '<b>name that is far too long', style: 0, value: 0, interval: undefined, text: '&' },
    ],
  })
  expect(content).toContain('&lt;b&gt;name that is far…')
  expect(content).not.toMatch(/<b>|<i>/)
})

it('writes whole numbers on the axis of a single epoch', async () => {
  const series = [{ style: 0, points: [[4, 0.1]] as const }]
  const { content } = await renderChart({ kind: 'lines', xTitle: 'epoch', series })
  expect(content).toContain('>4</text>')
})

it('draws one point, one value and nothing of size without failing', async () => {
  const one = [[1, 0]] as const
  for (const chart of [
    { kind: 'lines', xTitle: 'x', series: [{ style: 0, points: one }] },
    { kind: 'lines', xTitle: 'x', xScale: 'log', series: [{ style: 0, points: one }] },
    { kind: 'lines', xTitle: 'x', xNames: ['a', 'b'], series: [{ style: 0, points: one }] },
    { kind: 'points', xTitle: 'x', yTitle: 'y', points: [{ style: 0, x: 0, y: 0 }] },
  ] as const) {
    expect((await renderChart(chart)).content).not.toMatch(/NaN|undefined|Infinity/)
  }
})
