import type { BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { dotProduct, type NodeRows } from './node-rows.js'

/**
 * How the rows X lie to the graph, with Â = D^{-1/2} A D^{-1/2} and isolated nodes as rows of zeros.
 * Undefined where X is 0.
 */
export interface GraphMeasures {
  /**
   * tr(Xᵀ (I - Â) X) / ‖X‖², in 0..2: 0 for rows in proportion to the roots of the degrees, which
   * propagation without end comes to, 1 for rows that have nothing to do with the graph, 2 for rows
   * whose sign changes along every edge.
   */
  readonly dirichletEnergy: number | undefined
  /** tr(Xᵀ (I - Â) X), which shrinks with the rows, too. */
  readonly dirichletEnergyRaw: number
  /** Σ over edges of ‖x_u/√d_u - x_i/√d_i‖² / ‖X‖²: the energy without what isolated nodes add. */
  readonly dirichletEnergyOfEdges: number | undefined
  /** The energy with a loop at each node: Ã = (D + I)^{-1/2} (A + I) (D + I)^{-1/2} for Â. */
  readonly dirichletEnergySelfLoops: number | undefined
  /** Mean of 1 - cosine over the edges; undefined without edges. */
  readonly madNeighbours: number | undefined
  /**
   * ‖projection of X on the eigenvectors of Â with the eigenvalue 1‖² / ‖X‖², in 0..1. There is one
   * for each connected component, in proportion to the roots of the degrees.
   */
  readonly smoothShare: number | undefined
  /** The same for the eigenvalue -1: roots of the degrees, with the other sign for items. */
  readonly oscillatingShare: number | undefined
}

export async function graphMeasures(
  graph: BipartiteGraph,
  rows: NodeRows,
  { squaredNorm, slice }: { squaredNorm: number; slice: TimeSlice },
): Promise<GraphMeasures> {
  const edges = await sumsOverEdges(graph, rows, slice)
  let [loops, connected] = [0, 0]
  for (let node = 0; node < rows.count; node++) {
    const degree = degreeOf(graph, node)
    const row = rows.row(node)
    const square = dotProduct(row, row)
    loops += square / (degree + 1)
    if (degree > 0) connected += square
  }
  const { smooth, oscillating } = projections(graph, rows)
  const share = (value: number) => (squaredNorm === 0 ? undefined : value / squaredNorm)
  const raw = squaredNorm - 2 * edges.normalized
  return {
    dirichletEnergy: share(raw),
    dirichletEnergyRaw: raw,
    dirichletEnergyOfEdges: share(connected - 2 * edges.normalized),
    dirichletEnergySelfLoops: share(squaredNorm - loops - 2 * edges.withLoops),
    madNeighbours: graph.edgeCount === 0 ? undefined : 1 - edges.cosines / graph.edgeCount,
    smoothShare: share(smooth),
    oscillatingShare: share(oscillating),
  }
}

function degreeOf({ userCount, userDegrees, itemDegrees }: BipartiteGraph, node: number): number {
  return node < userCount ? userDegrees[node] : itemDegrees[node - userCount]
}

/** Sums of x_u · x_i, divided by √(d_u d_i), by √((d_u + 1)(d_i + 1)) and by ‖x_u‖ ‖x_i‖. */
async function sumsOverEdges(graph: BipartiteGraph, rows: NodeRows, slice: TimeSlice) {
  const { userCount, userDegrees, itemDegrees } = graph
  const norms = Float64Array.from({ length: rows.count }, (_, node) => {
    const row = rows.row(node)
    return Math.sqrt(dotProduct(row, row))
  })
  let [normalized, withLoops, cosines] = [0, 0, 0]
  for (let user = 0; user < userCount; user++) {
    const row = rows.row(user)
    const items = graph.userItems(user)
    for (let e = 0; e < items.length; e++) {
      const item = items[e]
      const product = dotProduct(row, rows.row(userCount + item))
      normalized += product / Math.sqrt(userDegrees[user] * itemDegrees[item])
      withLoops += product / Math.sqrt((userDegrees[user] + 1) * (itemDegrees[item] + 1))
      const norm = norms[user] * norms[userCount + item]
      if (norm > 0) cosines += product / norm
    }
    if (slice.isOver()) await slice.next()
  }
  return { normalized, withLoops, cosines }
}

/** Σ over components c of ‖Σ over nodes v of c of ±√d_v x_v‖² / Σ d_v, with one sign and with two. */
function projections(graph: BipartiteGraph, rows: NodeRows) {
  const { userCount } = graph
  const { dimensions } = rows
  const components = componentsOf(graph)
  const sums = new Map<number, { same: Float64Array; changing: Float64Array; degrees: number }>()
  for (let node = 0; node < rows.count; node++) {
    const degree = degreeOf(graph, node)
    if (degree === 0) continue
    const component = components[node]
    let sum = sums.get(component)
    if (!sum) {
      sum = {
        same: new Float64Array(dimensions),
        changing: new Float64Array(dimensions),
        degrees: 0,
      }
      sums.set(component, sum)
    }
    sum.degrees += degree
    const row = rows.row(node)
    const sign = node < userCount ? 1 : -1
    for (let d = 0; d < dimensions; d++) {
      const value = Math.sqrt(degree) * row[d]
      sum.same[d] += value
      sum.changing[d] += sign * value
    }
  }
  let [smooth, oscillating] = [0, 0]
  for (const { same, changing, degrees } of sums.values()) {
    smooth += dotProduct(same, same) / degrees
    oscillating += dotProduct(changing, changing) / degrees
  }
  return { smooth, oscillating }
}

/** For each node, the smallest node that a path leads to. */
function componentsOf(graph: BipartiteGraph): Int32Array {
  const { userCount, nodeCount } = graph
  const parents = Int32Array.from({ length: nodeCount }, (_, node) => node)
  const root = (start: number): number => {
    let node = start
    while (parents[node] !== node) {
      parents[node] = parents[parents[node]]
      node = parents[node]
    }
    return node
  }
  for (let user = 0; user < userCount; user++) {
    const items = graph.userItems(user)
    for (let e = 0; e < items.length; e++) {
      const [a, b] = [root(user), root(userCount + items[e])]
      parents[Math.max(a, b)] = Math.min(a, b)
    }
  }
  for (let node = 0; node < nodeCount; node++) parents[node] = root(node)
  return parents
}
