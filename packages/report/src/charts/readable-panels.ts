import type { Block, Figure, Panel } from '../document/document.js'
import { listed } from '../document/number-format.js'
import type { LineChart, LineSeries } from './chart.js'

/** The share of the range of a plot that two lines must be apart somewhere to be told apart. */
const leastDistance = 0.02

/**
 * Makes the plots of a figure readable: flat lines, which show nothing, are not drawn, and lines that lie on each other
 * are drawn as differences. The table keeps all values. A figure without any plot becomes its table.
 */
export function readable(block: Block): Block {
  if (block.kind !== 'figure') return block
  const flat = block.panels.filter(({ chart }) => chart.kind === 'lines' && isFlat(chart))
  const panels = block.panels
    .filter((panel) => !flat.includes(panel))
    .map((panel) => withDifferences(panel, block))
  const finding =
    flat.length === 0
      ? block.finding
      : `${block.finding} Not drawn, as nothing changes: ${listed(flat.map(({ title }) => title))}.`
  if (panels.length > 0) return { ...block, finding, panels }
  return { kind: 'table', caption: `${block.title}. ${finding}`, table: block.table }
}

/** Returns true when no line of a plot changes. */
function isFlat({ series }: LineChart): boolean {
  return series.every(({ points }) => points.every(([, y]) => y === points[0][1]))
}

function withDifferences(panel: Panel, { legend }: Figure): Panel {
  const { chart } = panel
  if (chart.kind !== 'lines') return panel
  const [first, ...others] = chart.series
  if (others.length === 0 || !isClose(chart.series)) return panel
  const name = ({ style }: LineSeries): string =>
    legend.find((entry) => entry.style === style)?.name ?? 'the first line'
  const { share: _, ...rest } = chart
  const note = `The lines are nearly equal, so ${others.length === 1 ? `the difference from ${name(first)} is` : `their differences from ${name(first)} are`} drawn.`
  return {
    ...panel,
    note: panel.note === undefined ? note : `${panel.note} ${note}`,
    chart: {
      ...rest,
      fromZero: true,
      series: [
        { ...first, points: first.points.map(([x]) => [x, 0] as const), highlight: undefined },
        ...others.map((line) => ({
          ...line,
          points: line.points.map(([x, y], place) => [x, y - first.points[place][1]] as const),
          highlight: undefined,
        })),
      ],
    },
  }
}

/** Returns true for lines of models over the same places that lie on each other, but are not the same. */
function isClose(series: readonly LineSeries[]): boolean {
  const [first, ...others] = series
  if (series.some(({ style }) => style === undefined)) return false
  const isSameX = others.every(
    ({ points }) =>
      points.length === first.points.length &&
      points.every(([x], place) => x === first.points[place][0]),
  )
  if (!isSameX || first.points.length < 2) return false
  const values = series.flatMap(({ points }) => points.map(([, y]) => y))
  const range =
    values.reduce((most, y) => Math.max(most, y), -Infinity) -
    values.reduce((least, y) => Math.min(least, y), Infinity)
  const distances = others.map(({ points }) =>
    points.reduce((most, [, y], place) => Math.max(most, Math.abs(y - first.points[place][1])), 0),
  )
  return (
    distances.every((most) => most < leastDistance * range) && distances.some((most) => most > 0)
  )
}
