import type { BipartiteGraph, Rng } from '@gnnrec/graph'
import { drawSample } from '@gnnrec/graph/kernels'

/** A sample of nodes: ascending indices of users and of items with edges. */
export interface SampledNodes {
  readonly users: Int32Array
  readonly items: Int32Array
}

/** Draws up to `size` users and items that have edges; training may never change the others. */
export function sampleNodes(graph: BipartiteGraph, size: number, rng: Rng): SampledNodes {
  return {
    users: drawSample(connected(graph.userDegrees), size, rng),
    items: drawSample(connected(graph.itemDegrees), size, rng),
  }
}

function connected(degrees: ArrayLike<number>): Int32Array {
  const nodes = new Int32Array(degrees.length)
  let count = 0
  for (let node = 0; node < degrees.length; node++) if (degrees[node] > 0) nodes[count++] = node
  return nodes.slice(0, count)
}
