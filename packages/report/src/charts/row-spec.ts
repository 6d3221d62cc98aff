import type { TopLevelSpec } from 'vega-lite'
import { axisFormat, roundTicks } from './axis-format.js'
import type { RowChart } from './chart.js'
import { seriesStyle } from './series-style.js'
import { fontSize, panelWidth } from './theme.js'

const rowHeight = 22
/** Widths of the widest letters and digits in pixels, so that texts fit with any font. */
const widths = { narrow: 7, wide: 9.4, digit: 7.8 }
const mostLetters = 20
const margins = { top: 4, bottom: 38, labels: 22, gap: 8 }

/** Describes a plot with a row for each model, its name before and its value behind. */
export function rowSpec({ mark, xTitle, rows }: RowChart): TopLevelSpec {
  const labels = rows.map(({ label }) => shorten(label))
  const left = Math.max(...labels.map(labelWidth)) + margins.gap
  const right = widths.digit * Math.max(...rows.map(({ text }) => text.length)) + margins.gap
  const width = panelWidth - left - right
  const styles = rows.map(({ style }) => seriesStyle(style))
  const values = rows.map(({ value, interval, text }, row) => ({
    row,
    value,
    text,
    label: labels[row],
    ...(interval && { low: interval[0], high: interval[1] }),
  }))
  const domain = rows.map((_, row) => row)
  const y = { field: 'row', type: 'ordinal' as const, scale: { domain, padding: 0 }, axis: null }
  const [low, high] = extent(mark, rows)
  const x = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [low, high], nice: false, zero: false },
    axis: {
      title: xTitle || null,
      titlePadding: 5,
      domain: false,
      values: roundTicks(low, high, width),
      format: axisFormat([low, high]),
    },
  }
  const color = {
    field: 'row',
    type: 'nominal',
    scale: { domain, range: styles.map(({ colour }) => colour) },
    legend: null,
  }
  const shape = { ...color, scale: { domain, range: styles.map((style) => style.shape) } }
  const text = (at: number, align: 'left' | 'right', field: string, fill: string) => ({
    mark: { type: 'text', align, baseline: 'middle', fontSize, fill },
    encoding: { y, x: { value: at }, text: { field, type: 'nominal' } },
  })
  const valueMark =
    mark === 'bar'
      ? { mark: { type: 'bar', height: 13 }, encoding: { y, x, color } }
      : {
          mark: { type: 'point', filled: true, size: 55, opacity: 1 },
          encoding: { y, x, color, shape },
        }
  const interval = {
    transform: [{ filter: 'isValid(datum.low)' }],
    mark: { type: 'rule', strokeWidth: mark === 'bar' ? 1.5 : 2 },
    encoding: {
      y,
      x: { ...x, field: 'low' },
      x2: { field: 'high' },
      ...(mark === 'bar' ? { color: { value: 'var(--ink)' } } : { color }),
    },
  }
  const zero = {
    data: { values: [{ value: 0 }] },
    mark: { type: 'rule', strokeWidth: 1, color: 'var(--ink)' },
    encoding: { x },
  }
  return {
    width,
    height: rowHeight * rows.length,
    autosize: 'none',
    padding: { left, right, top: margins.top, bottom: xTitle ? margins.bottom : margins.labels },
    data: { values },
    layer: [
      zero,
      ...(mark === 'bar' ? [valueMark, interval] : [interval, valueMark]),
      text(-margins.gap, 'right', 'label', 'var(--ink)'),
      text(width + margins.gap, 'left', 'text', 'var(--ink)'),
    ],
  } as unknown as TopLevelSpec
}

/**
 * Returns the range of the x axis: from 0 for bars; around 0 and all intervals with a little room for
 * points.
 */
function extent(mark: RowChart['mark'], rows: RowChart['rows']): [number, number] {
  const ends = rows.flatMap(({ value, interval }) => [value, ...(interval ?? [])])
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  if (low === high) return [0, 1]
  const room = (high - low) * 0.04
  return [mark === 'bar' && low === 0 ? 0 : low - room, high + room]
}

function labelWidth(label: string): number {
  const sizes = [...label].map((letter) =>
    /[\p{Lu}mw@%…]/u.test(letter) ? widths.wide : widths.narrow,
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function shorten(label: string): string {
  const letters = [...label]
  return letters.length <= mostLetters ? label : `${letters.slice(0, mostLetters - 1).join('')}…`
}
