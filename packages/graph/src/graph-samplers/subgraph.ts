import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { SparseMatrix } from '../matrices/sparse-matrix.js'
import { indicesOf, placesByIndex } from './layered-sample.js'
import type { NodeSets, SampleAddress, SampledGraph } from './sampled-graph.js'

/** A part of a graph with its own edges, from which the pairs of a batch are drawn as well. */
export interface Subgraph {
  /** The nodes and the propagation steps between them. */
  readonly graph: SampledGraph
  /**
   * The position in `interactions.items` of the whole graph of each entry of the step's `toUsers`.
   */
  readonly edges: Int32Array
}

/** A sampler whose subgraphs do not depend on a batch. */
export interface SubgraphSampler {
  /**
   * Computes what all samples need: a partition, or how often nodes are drawn. Later calls do nothing.
   * Lets the event loop run about every 30 ms.
   *
   * @throws the reason of `signal` once it is aborted; it can be called again
   */
  prepare(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * Draws the subgraph at an address.
   *
   * @throws SamplerNotPreparedError before {@link prepare}
   * @throws InvalidOptionsError when the address is out of its range
   */
  sample(address: SampleAddress): Subgraph
  /**
   * Returns 1 / the chance that a subgraph holds an edge, up to a factor common to all edges; 1 when
   * the method does not correct for it.
   *
   * @param edge - position in `interactions.items` of the whole graph
   */
  edgeWeight(edge: number): number
  /** Returns 1 / the chance that a subgraph holds an item, up to a factor common to all items. */
  itemWeight(item: number): number
}

/** The nodes of a subgraph and the edges among them. */
export interface InducedEdges extends NodeSets {
  /** Rows of users, columns of items, by their places; all values 1. */
  readonly pattern: SparseMatrix
  /** Position of each entry in the rows of the whole graph. */
  readonly edges: Int32Array
}

/**
 * Finds the edges among marked nodes.
 *
 * @param marks - 1 for each user and each item of the subgraph
 */
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
    rows: users.length,
    columns: items.length,
    rowPointers,
    columnIndices: edges.map((edge) => itemPlaces[itemsOfUsers[edge]]),
    values: new Float32Array(edges.length).fill(1),
  })
  return { users, items, pattern, edges }
}
