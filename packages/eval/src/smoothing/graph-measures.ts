import type { BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { dotProduct, type NodeRows } from './node-rows.js'

/**
 * Measures of how smooth the rows X are on the graph, with Â = D^{-1/2} A D^{-1/2} and isolated nodes as
 * rows of zeros. Shares of ‖X‖² are undefined if X is 0.
 */
export interface GraphMeasures {
  /**
   * Dirichlet energy tr(Xᵀ (I - Â) X) / ‖X‖², in 0..2. It is 0 for rows in proportion to the roots of
   * the degrees, to which endless propagation converges, 1 for rows that are unrelated to the graph, and
   * 2 for rows whose sign changes along every edge.
   */
  readonly dirichletEnergy: number | undefined
  /** Dirichlet energy tr(Xᵀ (I - Â) X) that is not divided by ‖X‖². */
  readonly dirichletEnergyRaw: number
  /**
   * Dirichlet energy of the edges, Σ ‖x_u/√d_u - x_i/√d_i‖² / ‖X‖², to which isolated nodes add
   * nothing.
   */
  readonly dirichletEnergyOfEdges: number | undefined
  /**
   * Dirichlet energy with a loop at each node: Ã = (D + I)^{-1/2} (A + I) (D + I)^{-1/2} in place of Â.
   */
  readonly dirichletEnergySelfLoops: number | undefined
  /** Mean cosine distance (MAD) over the edges; undefined without edges. */
  readonly madNeighbours: number | undefined
  /**
   * Share of the smooth direction, ‖projection of X on the eigenvectors of Â with the eigenvalue 1‖² /
   * ‖X‖², in 0..1. Each connected component has one such eigenvector, in proportion to the roots of the
   * degrees.
   */
  readonly smoothShare: number | undefined
  /**
   * Share of the oscillating direction, 0..1: like `smoothShare` for the eigenvalue -1, whose eigenvector
   * has the roots of the degrees with the other sign for items.
   */
  readonly oscillatingShare: number | undefined
}

/** Measures how smooth rows are on a graph. */
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

function degreeOf(
  { userCount, weightedUserDegrees, weightedItemDegrees }: BipartiteGraph,
  node: number,
): number {
  return node < userCount ? weightedUserDegrees[node] : weightedItemDegrees[node - userCount]
}

/**
 * Returns the sums over edges of R_ui x_u · x_i, divided by √(d_u d_i) and by √((d_u + 1)(d_i + 1)), and of
 * x_u · x_i, divided by ‖x_u‖ ‖x_i‖.
 */
async function sumsOverEdges(graph: BipartiteGraph, rows: NodeRows, slice: TimeSlice) {
  const { userCount, weightedUserDegrees, weightedItemDegrees, interactions } = graph
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
      const weight = interactions.weights?.[interactions.pointers[user] + e] ?? 1
      const [from, to] = [weightedUserDegrees[user], weightedItemDegrees[item]]
      normalized += (weight * product) / Math.sqrt(from * to)
      withLoops += (weight * product) / Math.sqrt((from + 1) * (to + 1))
      const norm = norms[user] * norms[userCount + item]
      if (norm > 0) cosines += product / norm
    }
    if (slice.isOver()) await slice.next()
  }
  return { normalized, withLoops, cosines }
}

/**
 * Returns Σ over components c of ‖Σ over nodes v of c of ±√d_v x_v‖² / Σ d_v, with one sign for all nodes
 * and with the other sign for items.
 */
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

/** Returns for each node the smallest node of its connected component. */
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
