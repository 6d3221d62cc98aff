import type { TopLevelSpec } from 'vega-lite'
import { axisFormat } from './axis-format.js'
import type { PointChart } from './chart.js'
import { seriesStyle } from './series-style.js'
import { panelWidth } from './theme.js'

const padding = { left: 48, top: 24, right: 14, bottom: 38 }
const height = 210
/** Place of the title of the y axis: upright above the axis, where it meets no label. */
const besideTop = { titleAngle: 0, titleAlign: 'left', titleX: -40, titleY: -9 }

/** Describes a plot with a mark for each model and room around them all. */
export function pointSpec({ xTitle, yTitle, points }: PointChart): TopLevelSpec {
  const styles = points.map(({ style }) => seriesStyle(style))
  const domain = points.map((_, place) => place)
  const axis = (field: 'x' | 'y', title: string, place: object = {}) => {
    const values = points.map((point) => point[field])
    return {
      field,
      type: 'quantitative',
      scale: { domain: withRoom(values), nice: false, zero: false },
      axis: {
        title,
        tickCount: 4,
        titlePadding: 5,
        format: axisFormat(values),
        domain: false,
        ...place,
      },
    }
  }
  const color = {
    field: 'place',
    type: 'nominal',
    legend: null,
    scale: { domain, range: styles.map(({ colour }) => colour) },
  }
  return {
    width: panelWidth - padding.left - padding.right,
    height,
    padding,
    autosize: 'none',
    data: { values: points.map(({ x, y }, place) => ({ place, x, y })) },
    mark: { type: 'point', filled: true, size: 110, opacity: 1 },
    encoding: {
      x: axis('x', xTitle),
      y: axis('y', yTitle, besideTop),
      color,
      shape: { ...color, scale: { domain, range: styles.map((style) => style.shape) } },
    },
  } as unknown as TopLevelSpec
}

function withRoom(values: readonly number[]): [number, number] {
  const low = values.reduce((least, each) => Math.min(least, each), Infinity)
  const high = values.reduce((most, each) => Math.max(most, each), -Infinity)
  const room = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.12
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room]
}
