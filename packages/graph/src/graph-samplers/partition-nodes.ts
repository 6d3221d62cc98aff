import type { TimeSlice } from '../interactions/time-slice.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'

/** The largest size of a cluster, as a multiple of the mean size. */
const sizeLimit = 1.1
/** Rounds in which nodes move to the cluster of most neighbours. */
const roundLimit = 8

/** The cluster of each node, users first, then items. */
export type Partition = Int32Array

/**
 * Divides the nodes of a graph into clusters of about the same size with few edges between them. Nothing
 * is random, so a graph has one partition for a number of clusters.
 *
 * 1. Breadth-first searches, each from the lowest unvisited node, put the nodes in a row; the row is cut
 *    into equal parts.
 * 2. In each of 8 rounds every node, in ascending order, moves to the cluster that most of its
 *    neighbours have, if that has room: at most 1.1 times the mean size. (This is label propagation with
 *    room as by Ugander & Backstrom, WSDM 2013, https://doi.org/10.1145/2433396.2433461, without their
 *    linear program.) In a tie the node stays where it is if that is among the best; otherwise the lower
 *    cluster wins.
 *
 * METIS, which Cluster-GCN uses, cuts fewer edges but needs a native library. O(rounds · edges).
 */
export async function partitionNodes(
  graph: BipartiteGraph,
  clusters: number,
  slice: TimeSlice,
): Promise<Partition> {
  const { userCount, nodeCount } = graph
  const adjacency = graph.biadjacency({ normalization: 'none' })
  const reverse = adjacency.transpose()
  const partition = new Int32Array(nodeCount)
  const order = breadthFirst(graph, adjacency, reverse)
  const mean = nodeCount / clusters
  for (let place = 0; place < nodeCount; place++) {
    partition[order[place]] = Math.min(Math.floor(place / mean), clusters - 1)
  }
  const sizes = new Int32Array(clusters)
  for (const cluster of partition) sizes[cluster]++
  const room = Math.max(Math.ceil(sizeLimit * mean), 1)
  const counts = new Int32Array(clusters)
  for (let round = 0; round < roundLimit; round++) {
    let moved = 0
    for (let node = 0; node < nodeCount; node++) {
      if (slice.isOver()) await slice.next()
      const isUser = node < userCount
      const { rowPointers, columnIndices } = isUser ? adjacency : reverse
      const row = isUser ? node : node - userCount
      const offset = isUser ? userCount : 0
      const [first, end] = [rowPointers[row], rowPointers[row + 1]]
      for (let entry = first; entry < end; entry++) {
        counts[partition[columnIndices[entry] + offset]]++
      }
      const own = partition[node]
      let best = own
      for (let entry = first; entry < end; entry++) {
        const cluster = partition[columnIndices[entry] + offset]
        const isBetter =
          counts[cluster] > counts[best] ||
          (counts[cluster] === counts[best] && best !== own && cluster < best)
        if (isBetter && sizes[cluster] < room) best = cluster
      }
      for (let entry = first; entry < end; entry++) {
        counts[partition[columnIndices[entry] + offset]] = 0
      }
      if (best === own) continue
      sizes[own]--
      sizes[best]++
      partition[node] = best
      moved++
    }
    if (moved === 0) break
  }
  return partition
}

type Rows = Pick<ReturnType<BipartiteGraph['biadjacency']>, 'rowPointers' | 'columnIndices'>

/** Returns all nodes in the order in which breadth-first searches meet them. */
function breadthFirst(
  { userCount, nodeCount }: BipartiteGraph,
  adjacency: Rows,
  reverse: Rows,
): Int32Array {
  const order = new Int32Array(nodeCount)
  const isMet = new Uint8Array(nodeCount)
  let met = 0
  let next = 0
  for (let start = 0; start < nodeCount; start++) {
    if (isMet[start] === 1) continue
    isMet[start] = 1
    order[met++] = start
    for (; next < met; next++) {
      const node = order[next]
      const isUser = node < userCount
      const { rowPointers, columnIndices } = isUser ? adjacency : reverse
      const row = isUser ? node : node - userCount
      const offset = isUser ? userCount : 0
      for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
        const neighbour = columnIndices[entry] + offset
        if (isMet[neighbour] === 1) continue
        isMet[neighbour] = 1
        order[met++] = neighbour
      }
    }
  }
  return order
}
