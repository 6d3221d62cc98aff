import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'

/** A line of the plot: one cost at each number of edges. */
interface GrowthLine {
  readonly name: string
  readonly points: readonly { readonly edges: number; readonly value: number }[]
}

/** A panel of the plot with its axis. */
interface GrowthPanel {
  readonly title: string
  readonly lines: readonly GrowthLine[]
}

/**
 * Draws panels side by side on logarithmic axes, each line beside a dotted one that grows in
 * proportion to the edges.
 */
export async function growthPlot(panels: readonly GrowthPanel[]): Promise<string> {
  const spec = {
    background: 'white',
    padding: 12,
    hconcat: panels.map(panelSpec),
    resolve: { scale: { color: 'independent' } },
    config: { font: 'sans-serif', view: { stroke: '#d0d7de' }, axis: { gridColor: '#eef1f4' } },
  } as TopLevelSpec
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

function panelSpec({ title, lines }: GrowthPanel) {
  const values = lines.flatMap(({ name, points }) =>
    points.map(({ edges, value }) => {
      const [first] = points
      return { name, edges, value, linear: (first.value * edges) / first.edges }
    }),
  )
  const y = (field: string) => ({ field, type: 'quantitative', scale: { type: 'log' }, title })
  return {
    width: 330,
    height: 240,
    data: { values },
    encoding: {
      x: {
        field: 'edges',
        type: 'quantitative',
        title: 'edges',
        scale: { type: 'log', nice: false },
        axis: { format: '~s', tickCount: 4 },
      },
      color: {
        field: 'name',
        type: 'nominal',
        title: null,
        legend: { orient: 'top', labelLimit: 0 },
      },
    },
    layer: [
      { mark: { type: 'line', strokeDash: [2, 3], opacity: 0.7 }, encoding: { y: y('linear') } },
      { mark: { type: 'line', point: true }, encoding: { y: y('value') } },
    ],
  }
}
