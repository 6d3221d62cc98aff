import type { Config } from 'vega-lite'

/** Width of a panel in pixels if it is not scaled, which is about what pages show. */
export const panelWidth = 340

/** Size of all texts of plots in pixels. */
export const fontSize = 11.5

/**
 * The configuration of all plots. Colours are custom properties of the page, so that one plot fits light
 * and dark. No layout depends on measured text, whose width differs between machines.
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
