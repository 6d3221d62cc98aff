import type { TopLevelSpec } from 'vega-lite'
import { axisFormat, logTicks } from './axis-format.js'
import type { LineChart, LineSeries } from './chart.js'
import { seriesStyle } from './series-style.js'
import { panelWidth } from './theme.js'

const padding = { left: 48, top: 8, right: 14, bottom: 38 }
/** Room for labels of small negative numbers, such as −1.5e-4. */
const wideLeft = 62
const height = 150
/** Largest number of marks on a line; more would hide it. */
const mostMarks = 9

/** Describes a plot of lines with marks, so that they can be told apart without colours. */
export function lineSpec(chart: LineChart): TopLevelSpec {
  const { series, xNames } = chart
  const styles = series.map(({ style }) => seriesStyle(style))
  const points = series.flatMap((each, s) =>
    each.points.map(([x, y]) => ({ s, x: xNames ? xNames[x] : x, y })),
  )
  const marks = series.flatMap((each, s) =>
    markedPoints(each, s).map(([x, y]) => ({ s, x: xNames ? xNames[x] : x, y })),
  )
  const highlights = series.flatMap(({ highlight }, s) =>
    highlight ? [{ s, x: highlight[0], y: highlight[1] }] : [],
  )
  const domain = series.map((_, s) => s)
  const isWide = points.some(({ y }) => y < 0) && points.every(({ y }) => Math.abs(y) < 0.002)
  const left = isWide ? wideLeft : padding.left
  const color = {
    field: 's',
    type: 'nominal' as const,
    scale: { domain, range: styles.map(({ colour }) => colour) },
    legend: null,
  }
  const shape = {
    ...color,
    scale: { domain, range: styles.map((style) => style.shape) },
  }
  return {
    width: panelWidth - left - padding.right,
    height,
    padding: { ...padding, left },
    autosize: 'none',
    encoding: { x: xEncoding(chart), y: yEncoding(chart) },
    layer: [
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 1.75, strokeJoin: 'round' },
        encoding: {
          color,
          strokeDash: {
            ...color,
            scale: { domain, range: styles.map(({ dash }) => [...dash]) },
          },
        },
      },
      {
        data: { values: marks },
        mark: { type: 'point', filled: true, size: 30, opacity: 1 },
        encoding: { color, shape },
      },
      {
        data: { values: highlights },
        mark: {
          type: 'point',
          filled: true,
          size: 80,
          opacity: 1,
          stroke: 'var(--paper)',
          strokeWidth: 1.5,
        },
        encoding: { fill: color, shape },
      },
    ],
  } as TopLevelSpec
}

/** Returns the points of a line that have marks, at other places for each line. */
function markedPoints({ points, marks }: LineSeries, s: number): LineSeries['points'] {
  if (marks === false) return []
  if (points.length <= mostMarks) return points
  const step = Math.ceil(points.length / 5)
  return points.filter((_, i) => i % step === (s * 3 + 1) % step)
}

function xEncoding({ xTitle, xNames, xScale, xTicks, series }: LineChart) {
  const title = { title: xTitle, titlePadding: 5 }
  if (xNames) {
    return {
      field: 'x',
      type: 'ordinal',
      sort: null,
      scale: { type: 'point', domain: [...xNames], padding: 0.35 },
      axis: { ...title, labelAngle: 0, grid: false },
    }
  }
  const values = series.flatMap(({ points }) => points.map(([x]) => x))
  const [low, high] = xExtent(values)
  const isLog = xScale === 'log'
  const whole = values.every(Number.isInteger)
  const ticks = xTicks ?? (isLog ? logTicks(low, high) : whole ? wholeTicks(low, high) : undefined)
  return {
    field: 'x',
    type: 'quantitative',
    scale: {
      ...(isLog ? { type: 'log' } : { type: 'linear', zero: false }),
      domain: [low, high],
      nice: false,
    },
    axis: {
      ...title,
      grid: false,
      format: isLog ? '~s' : axisFormat(values),
      ...(ticks && { values: [...ticks] }),
    },
  }
}

/** Returns the range of the x axis, with room around a single value. */
function xExtent(values: readonly number[]): [number, number] {
  const low = values.reduce((least, each) => Math.min(least, each), Infinity)
  const high = values.reduce((most, each) => Math.max(most, each), -Infinity)
  return low < high ? [low, high] : [low / 2, high * 1.5 || 1]
}

/** Returns at most seven whole numbers. */
function wholeTicks(low: number, high: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
  const step = steps.find((size) => (high - low) / size <= 6) ?? Math.ceil((high - low) / 6)
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick)
  return ticks
}

function yEncoding({ fromZero, share, series }: LineChart) {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y))
  return {
    field: 'y',
    type: 'quantitative',
    scale: share ? { domain: [0, 1] } : { zero: fromZero ?? false, nice: true },
    axis: {
      title: null,
      tickCount: 4,
      domain: false,
      ticks: false,
      format: share ? '%' : axisFormat(values),
    },
  }
}
