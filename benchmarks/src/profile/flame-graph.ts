import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { CallNode, FrameKind } from './call-tree.js'

const width = 1200
const rowHeight = 22
const letterWidth = 6.6

const colours: Readonly<Record<FrameKind, string>> = {
  part: '#c9d3dc',
  tfjs: '#f2c879',
  kernel: '#e58a5a',
}
const titles: Readonly<Record<FrameKind, string>> = {
  part: 'part of the step',
  tfjs: 'TensorFlow.js',
  kernel: 'WebAssembly',
}

interface Box {
  readonly from: number
  readonly to: number
  readonly depth: number
  readonly kind: string
  readonly label: string
}

/**
 * Draws a tree of calls as SVG: callees stand on their callers, and widths are proportional to
 * time.
 */
export async function flameGraph(title: string, roots: readonly CallNode[]): Promise<string> {
  const boxes = boxesOf(roots)
  const depths = 1 + Math.max(0, ...boxes.map(({ depth }) => depth))
  const spec: TopLevelSpec = {
    width,
    height: rowHeight * depths,
    padding: 12,
    background: 'white',
    title,
    data: { values: boxes },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        axis: { title: 'ms', grid: false },
        scale: { nice: false },
      },
      y: { field: 'depth', type: 'ordinal', sort: 'descending', axis: null, scale: { padding: 0 } },
    },
    layer: [
      {
        mark: { type: 'bar', stroke: 'white', strokeWidth: 0.5 },
        encoding: {
          x2: { field: 'to' },
          color: {
            field: 'kind',
            type: 'nominal',
            title: null,
            legend: { orient: 'top' },
            scale: { domain: Object.values(titles), range: Object.values(colours) },
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 11 },
        encoding: { text: { field: 'label' } },
      },
    ],
    config: { font: 'sans-serif', view: { stroke: null } },
  }
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

function boxesOf(roots: readonly CallNode[]): Box[] {
  const total = roots.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const boxes: Box[] = []
  const add = (node: CallNode, from: number, depth: number): void => {
    const { name, kind, milliseconds, callees } = node
    const room = Math.floor(((milliseconds / total) * width - 6) / letterWidth)
    const full = `${name} ${((100 * milliseconds) / total).toFixed(1)} %`
    const label = full.length <= room ? full : room >= 3 ? name.slice(0, room) : ''
    boxes.push({ from, to: from + milliseconds, depth, kind: titles[kind], label })
    let at = from
    for (const callee of callees) {
      add(callee, at, depth + 1)
      at += callee.milliseconds
    }
  }
  let at = 0
  for (const root of roots) {
    add(root, at, 0)
    at += root.milliseconds
  }
  return boxes
}
