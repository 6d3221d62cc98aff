import type { Config } from 'vega-lite'

/** Pixels of a panel where it is not scaled; pages show panels about as wide. */
export const panelWidth = 340

export const fontSize = 11.5

/**
 * Colours are custom properties of the page, so that one plot fits light and dark. Nothing that is laid
 * out depends on measured text, whose width differs between machines.
 */
export const theme: Config = {
  background: 'transparent',
  aria: false,
  view: { stroke: null },
  axis: {
    labelColor: 'var(--muted)',
    labelFontSize: fontSize,
    labelFontWeight: 'normal',
    labelBound: false,
    labelFlush: false,
    labelOverlap: false,
    labelLimit: 0,
    titleColor: 'var(--muted)',
    titleFontSize: fontSize,
    titleFontWeight: 'normal',
    titleLimit: 0,
    gridColor: 'var(--grid)',
    gridWidth: 1,
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    tickSize: 4,
    labelPadding: 4,
  },
}
