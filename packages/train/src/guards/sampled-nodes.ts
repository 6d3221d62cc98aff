import type { BipartiteGraph, Rng } from '@gnnrec/graph'

/** A sample of nodes: ascending indices of users and of items with edges. */
export interface SampledNodes {
  readonly users: Int32Array
  readonly items: Int32Array
}

/** Draws up to `size` users and items that have edges; training may never change the others. */
export function sampleNodes(graph: BipartiteGraph, size: number, rng: Rng): SampledNodes {
  return {
    users: sample(connected(graph.userDegrees), size, rng),
    items: sample(connected(graph.itemDegrees), size, rng),
  }
}

function connected(degrees: ArrayLike<number>): Int32Array {
  const nodes = new Int32Array(degrees.length)
  let count = 0
  for (let node = 0; node < degrees.length; node++) if (degrees[node] > 0) nodes[count++] = node
  return nodes.slice(0, count)
}

/** Draws some of the numbers, each with the same chance, in ascending order; all if there are not enough. */
function sample(numbers: Int32Array, size: number, rng: Rng): Int32Array {
  const count = Math.min(size, numbers.length)
  for (let place = 0; place < count; place++) {
    const other = place + rng.integer(numbers.length - place)
    const number = numbers[place]
    numbers[place] = numbers[other]
    numbers[other] = number
  }
  return numbers.slice(0, count).sort()
}
