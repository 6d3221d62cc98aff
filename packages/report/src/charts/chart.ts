/** A plot of one panel as data. */
export type Chart = LineChart | RowChart | PointChart

/** Lines over numbers or names. */
export interface LineChart {
  readonly kind: 'lines'
  readonly xTitle: string
  /** Names on the x axis, if the `x` of points are places among these names. */
  readonly xNames?: readonly string[]
  /** Scale of the x axis. @defaultValue 'linear' */
  readonly xScale?: 'linear' | 'log'
  /** Ticks of the x axis. @defaultValue chosen by the range */
  readonly xTicks?: readonly number[]
  /** True if the y axis begins at 0. @defaultValue false */
  readonly fromZero?: boolean
  /** True if y is a share in 0..1, which is shown as per cent. @defaultValue false */
  readonly share?: boolean
  readonly series: readonly LineSeries[]
}

/** One line of a plot. */
export interface LineSeries {
  /** Place of the model; undefined for a reference. */
  readonly style: number | undefined
  readonly points: readonly (readonly [x: number, y: number])[]
  /** True if the points have marks. @defaultValue true */
  readonly marks?: boolean
  /** A point that stands out, such as the best epoch. */
  readonly highlight?: readonly [x: number, y: number] | undefined
}

/** A value with its interval for each model, one below the other. */
export interface RowChart {
  readonly kind: 'rows'
  /** Kind of mark: bars from 0, or points. */
  readonly mark: 'bar' | 'point'
  /** Title of the x axis; empty if the title of the panel is enough. */
  readonly xTitle: string
  readonly rows: readonly ChartRow[]
}

interface ChartRow {
  readonly label: string
  readonly style: number
  readonly value: number
  readonly interval: readonly [low: number, high: number] | undefined
  /** The value as it is written at the end of the row. */
  readonly text: string
}

/** One point for each model. */
export interface PointChart {
  readonly kind: 'points'
  readonly xTitle: string
  readonly yTitle: string
  readonly points: readonly {
    readonly style: number
    readonly x: number
    readonly y: number
  }[]
}
