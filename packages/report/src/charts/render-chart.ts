import type { TopLevelSpec } from 'vega-lite'
import type { Chart } from './chart.js'
import { lineSpec } from './line-spec.js'
import { pointSpec } from './point-spec.js'
import { rowSpec } from './row-spec.js'
import { theme } from './theme.js'

/** A plot as SVG. */
export interface RenderedChart {
  readonly width: number
  readonly height: number
  /** Content of the `svg` element; Vega escapes all texts in it. */
  readonly content: string
}

/** Draws a plot without a browser; the same plot gives the same text. */
export async function renderChart(chart: Chart): Promise<RenderedChart> {
  // Vega is large, and programs that make no report need not load it.
  const [{ compile }, { expressionInterpreter }, vega] = await Promise.all([
    import('vega-lite'),
    import('vega-interpreter'),
    import('vega'),
  ])
  const { spec } = compile(specOf(chart), { config: theme })
  // Interpreted expressions work where a policy forbids to make functions of text (`new Function`).
  const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
    renderer: 'none',
    expr: expressionInterpreter,
  })
  try {
    const svg = await view.toSVG()
    const [, width, height, content] =
      /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)<\/svg>$/s.exec(svg)!
    return {
      width: Math.ceil(Number(width)),
      height: Math.ceil(Number(height)),
      content: tidied(content),
    }
  } finally {
    view.finalize()
  }
}

function specOf(chart: Chart): TopLevelSpec {
  switch (chart.kind) {
    case 'lines':
      return lineSpec(chart)
    case 'rows':
      return rowSpec(chart)
    case 'points':
      return pointSpec(chart)
  }
}

/** Removes everything that shows nothing, and rounds numbers to two decimal places. */
function tidied(content: string): string {
  // The format of small numbers writes an exponent behind 0 too.
  return content.replaceAll('>0e+0<', '>0<').replace(/<[^>]*>/g, (tag) => {
    if (/^<path class="(background|foreground)"/.test(tag)) return ''
    return tag
      .replace(/ (pointer-events|font-family|aria-hidden|class)="[^"]*"/g, '')
      .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
  })
}
