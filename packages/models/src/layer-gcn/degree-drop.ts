import { BipartiteGraph, type Rng } from '@gnnrec/graph'
import type { PruningSchedule } from './layer-gcn-options.js'

/** Returns the number of edges that DegreeDrop keeps, ⌊edges · (1 - rate)⌋. */
export function keptEdgeCount(edges: number, rate: number): number {
  return Math.floor(edges * (1 - rate))
}

/**
 * Returns R_ui/√(d_u d_i) of every edge, ordered by user, then item, which is 1/√(d_u d_i) in a graph without
 * weights. DegreeDrop samples edges by these numbers, so that edges between nodes of high degree are dropped more
 * often.
 */
export function degreeWeights(graph: BipartiteGraph): Float64Array {
  const { weightedUserDegrees, weightedItemDegrees, interactions } = graph
  const { pointers, items, weights: values } = interactions
  const weights = new Float64Array(graph.edgeCount)
  for (let user = 0; user < graph.userCount; user++) {
    for (let edge = pointers[user]; edge < pointers[user + 1]; edge++) {
      const divisor = Math.sqrt(weightedUserDegrees[user] * weightedItemDegrees[items[edge]])
      weights[edge] = (values ? values[edge] : 1) / divisor
    }
  }
  return weights
}

/**
 * Draws `count` distinct edges one after the other with chances in proportion to their weights
 * among those that are left: the edges with the smallest keys -ln(U)/w, each U uniform in [0, 1)
 * (Efraimidis & Spirakis, https://doi.org/10.1016/j.ipl.2005.11.003). O(edges · log edges).
 *
 * @param weights - one for each edge, > 0
 * @param uniform - U of an edge
 * @returns the edges, ascending
 */
export function drawEdges(
  weights: Float64Array,
  count: number,
  uniform: (edge: number) => number,
): Int32Array {
  const keys = weights.map((weight, edge) => -Math.log(uniform(edge)) / weight)
  const last = keys.slice().sort()[count - 1]
  let ties = count - keys.reduce((smaller, key) => smaller + (key < last ? 1 : 0), 0)
  const drawn = new Int32Array(count)
  let next = 0
  for (let edge = 0; edge < keys.length && next < count; edge++) {
    if (keys[edge] < last || (keys[edge] === last && ties-- > 0)) drawn[next++] = edge
  }
  return drawn
}

/** The edges that DegreeDrop prefers, and the share of them that it leaves out. */
export interface DegreeDropSettings {
  /** Share of the edges that is left out, in [0, 1). */
  readonly edgePruning: number
  readonly pruningSchedule: PruningSchedule
}

/**
 * Draws the edges that `LayerGcn` trains on in an epoch (from 0), numbered by user, then item; ascending.
 *
 * @param rng - the stream `'degree-drop'` of the one that `beginEpoch` is given
 */
export function degreeDropEdges(
  graph: BipartiteGraph,
  { edgePruning, pruningSchedule }: DegreeDropSettings,
  epoch: number,
  rng: Rng,
): Int32Array {
  const isByDegree = pruningSchedule === 'degree' || epoch % 2 === 0
  const weights = isByDegree ? degreeWeights(graph) : new Float64Array(graph.edgeCount).fill(1)
  const count = keptEdgeCount(graph.edgeCount, edgePruning)
  return drawEdges(weights, count, (edge) => rng.uniformAt(epoch, edge))
}

/** Makes a graph with the given edges only, numbered as in {@link degreeWeights}, and all its nodes. */
export function graphOfEdges(graph: BipartiteGraph, edges: Int32Array): BipartiteGraph {
  const { pointers, items, weights } = graph.interactions
  const userIndex = new Int32Array(edges.length)
  let user = 0
  edges.forEach((edge, place) => {
    while (edge >= pointers[user + 1]) user++
    userIndex[place] = user
  })
  const table = {
    users: graph.users,
    items: graph.items,
    userIndex,
    itemIndex: edges.map((edge) => items[edge]),
    ...(weights && { weight: Float32Array.from(edges, (edge) => weights[edge]) }),
  }
  return BipartiteGraph.fromInteractions(table, { weights: weights ? 'counts' : 'none' })
}
