/** A plot of one panel, as data. */
export type Chart = LineChart | RowChart | PointChart

/** Lines over numbers or names. */
export interface LineChart {
  readonly kind: 'lines'
  readonly xTitle: string
  /** Names of places, where `x` of points are these places; else numbers. */
  readonly xNames?: readonly string[]
  /** @defaultValue 'linear' */
  readonly xScale?: 'linear' | 'log'
  /** Where ticks are. @defaultValue chosen */
  readonly xTicks?: readonly number[]
  /** Whether the y axis begins at 0. @defaultValue false */
  readonly fromZero?: boolean
  /** Whether y is a share in 0..1, shown as per cent. @defaultValue false */
  readonly share?: boolean
  readonly series: readonly LineSeries[]
}

export interface LineSeries {
  /** Place of the model; undefined for what is compared with. */
  readonly style: number | undefined
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Whether the points have marks. @defaultValue true */
  readonly marks?: boolean
  /** A point that stands out, such as the best epoch. */
  readonly highlight?: readonly [x: number, y: number] | undefined
}

/** A value with its interval for each model, one below the other. */
export interface RowChart {
  readonly kind: 'rows'
  /** Bars from 0, or points around it. */
  readonly mark: 'bar' | 'point'
  /** Empty where the panel's title says it. */
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
