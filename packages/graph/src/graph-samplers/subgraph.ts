import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { SparseMatrix } from '../matrices/sparse-matrix.js'
import { indicesOf, placesByIndex } from './layered-sample.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** A part of a graph with its own edges, from which the pairs of a batch are drawn as well. */
export interface Subgraph {
  readonly graph: SampledGraph
  /**
   * For each entry of the step's `toUsers`, the position of its pair in `interactions.items` of the
   * whole graph.
   */
  readonly edges: Int32Array
}

/** Draws {@link Subgraph}s; they do not depend on a batch. */
export interface SubgraphSampler {
  /**
   * Computes what is needed once, at most once: a partition, or how often nodes are drawn. Lets the
   * event loop run about every 30 ms.
   *
   * @throws the reason of `signal` once it is aborted; it can be called again
   */
  prepare(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * The subgraph at an address.
   *
   * @throws SamplerNotPreparedError before {@link prepare}
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(address: SampleAddress): Subgraph
  /**
   * 1 / the chance that a subgraph holds an edge, by its position, up to a factor; 1 where the method
   * does not correct for it.
   */
  edgeWeight(edge: number): number
  /** The same of an item. */
  itemWeight(item: number): number
}

/** The nodes of a subgraph and the edges among them. */
export interface InducedEdges extends NodeSets {
  /** Rows of users, columns of items, by their places; all values 1. */
  readonly pattern: SparseMatrix
  /** Position of each entry in the rows of the whole graph. */
  readonly edges: Int32Array
}

/** @param marks - 1 for each user and each item that is in */
export function inducedEdges(
  graph: BipartiteGraph,
  marks: { readonly users: Uint8Array; readonly items: Uint8Array },
): InducedEdges {
  const { pointers, items: itemsOfUsers } = graph.interactions
  const users = indicesOf(marks.users)
  const items = indicesOf(marks.items)
  const itemPlaces = placesByIndex(items, graph.itemCount)
  const rowPointers = new Int32Array(users.length + 1)
  for (let row = 0; row < users.length; row++) {
    let count = 0
    const end = pointers[users[row] + 1]
    for (let edge = pointers[users[row]]; edge < end; edge++)
      count += marks.items[itemsOfUsers[edge]]
    rowPointers[row + 1] = rowPointers[row] + count
  }
  const edges = new Int32Array(rowPointers[users.length])
  let next = 0
  for (const user of users) {
    for (let edge = pointers[user]; edge < pointers[user + 1]; edge++) {
      if (marks.items[itemsOfUsers[edge]] === 1) edges[next++] = edge
    }
  }
  const pattern = SparseMatrix.fromCsr({
    ...{ rows: users.length, columns: items.length, rowPointers },
    columnIndices: edges.map((edge) => itemPlaces[itemsOfUsers[edge]]),
    values: new Float32Array(edges.length).fill(1),
  })
  return { users, items, pattern, edges }
}
