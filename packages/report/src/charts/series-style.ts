/** The look of the lines and points of a model. */
export interface SeriesStyle {
  /** Custom property of the page, which has a value for light and one for dark. */
  readonly colour: string
  /** Lengths of dashes and gaps in pixels; empty for a solid line. */
  readonly dash: readonly number[]
  /** Path of an SVG around 0 with the radius 1. */
  readonly shape: string
}

const colourCount = 8

const dashes = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [12, 3], [5, 2, 1.5, 2, 1.5, 2], [3, 4]]

const shapes = [
  'M1,0A1,1,0,1,1,-1,0A1,1,0,1,1,1,0Z',
  'M-.88,-.88H.88V.88H-.88Z',
  'M0,-1.15L1.05,.75H-1.05Z',
  'M0,-1.25L1.1,0L0,1.25L-1.1,0Z',
  'M-.35,-1.1H.35V-.35H1.1V.35H.35V1.1H-.35V.35H-1.1V-.35H-.35Z',
  'M0,1.15L1.05,-.75H-1.05Z',
  'M1.15,0L-.75,1.05V-1.05Z',
  'M-.6,-1.1L0,-.5L.6,-1.1L1.1,-.6L.5,0L1.1,.6L.6,1.1L0,.5L-.6,1.1L-1.1,.6L-.5,0L-1.1,-.6Z',
]

/** The look of a reference, such as the consumed items. */
const reference: SeriesStyle = { colour: 'var(--ink)', dash: [1, 3], shape: shapes[0] }

/**
 * Returns the look of the model at a place. Colours, dashes and shapes repeat after different numbers of
 * places, so that up to 56 models differ in at least one of them.
 */
export function seriesStyle(place: number | undefined): SeriesStyle {
  if (place === undefined) return reference
  return {
    colour: `var(--series-${place % colourCount})`,
    dash: dashes[place % dashes.length],
    shape: shapes[place % shapes.length],
  }
}
