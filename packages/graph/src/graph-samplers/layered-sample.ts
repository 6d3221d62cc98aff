import { UnknownIdError } from '../errors.js'
import type { BipartiteGraph } from '../matrices/bipartite-graph.js'
import { SparseMatrix } from '../matrices/sparse-matrix.js'
import { type NodeSets, SampledGraph, type SampledStep } from './sampled-graph.js'

/** Sampled rows of one block of the operator, in compressed rows; columns are indices of the graph. */
export interface SampledRows {
  /** The `rows + 1` offsets of the rows, in the order in which they were asked for. */
  readonly pointers: Int32Array
  /** Ascending and distinct within a row. */
  readonly columns: Int32Array
  readonly values: Float32Array
}

/** A function that samples the entries of both sides in one hop; hop 0 is next to the batch. */
export type SampleHop = (
  rows: NodeSets,
  hop: number,
) => { readonly users: SampledRows; readonly items: SampledRows }

/** A hop: the rows that were sampled, with their entries. */
interface Hop {
  readonly rows: NodeSets
  readonly users: SampledRows
  readonly items: SampledRows
}

/**
 * Samples hop after hop, away from the batch. The rows of a hop are those of the hop before and the
 * nodes that were sampled for them, so that each node of the batch has all of its layers, as residuals
 * and sums of layers need.
 */
export function sampleHops(
  graph: BipartiteGraph,
  batch: NodeSets,
  hopCount: number,
  sampleHop: SampleHop,
): SampledGraph {
  const userMarks = new Uint8Array(graph.userCount)
  const itemMarks = new Uint8Array(graph.itemCount)
  markAll('user', userMarks, batch.users)
  markAll('item', itemMarks, batch.items)
  let rows = marked(userMarks, itemMarks)
  const hops: Hop[] = []
  for (let hop = 0; hop < hopCount; hop++) {
    const sampled = sampleHop(rows, hop)
    hops.push({ rows, ...sampled })
    markAll('item', itemMarks, sampled.users.columns)
    markAll('user', userMarks, sampled.items.columns)
    rows = marked(userMarks, itemMarks)
  }
  const userPlaces = placesByIndex(rows.users, graph.userCount)
  const itemPlaces = placesByIndex(rows.items, graph.itemCount)
  const users = { count: rows.users.length, places: userPlaces }
  const items = { count: rows.items.length, places: itemPlaces }
  const steps = hops.reverse().map(
    (hop): SampledStep => ({
      toUsers: blockOf(hop.rows.users, hop.users, users, items),
      toItems: blockOf(hop.rows.items, hop.items, items, users),
    }),
  )
  return new SampledGraph(rows, steps)
}

interface Side {
  readonly count: number
  /** Place in the sample of each index of the graph. */
  readonly places: Int32Array
}

function blockOf(
  rows: Int32Array,
  { pointers, columns, values }: SampledRows,
  to: Side,
  from: Side,
): SparseMatrix {
  const rowPointers = new Int32Array(to.count + 1)
  for (let row = 0; row < rows.length; row++) {
    rowPointers[to.places[rows[row]] + 1] = pointers[row + 1] - pointers[row]
  }
  for (let row = 0; row < to.count; row++) rowPointers[row + 1] += rowPointers[row]
  // Places ascend with indices, so entries stay in order.
  const columnIndices = new Int32Array(columns.length)
  for (let entry = 0; entry < columns.length; entry++) {
    columnIndices[entry] = from.places[columns[entry]]
  }
  return SparseMatrix.fromCsr({
    rows: to.count,
    columns: from.count,
    rowPointers,
    columnIndices,
    values,
  })
}

function markAll(kind: string, marks: Uint8Array, indices: Int32Array): void {
  for (let place = 0; place < indices.length; place++) {
    const index = indices[place]
    if (index >= 0 && index < marks.length) marks[index] = 1
    else {
      throw new UnknownIdError(
        index,
        `Got the ${kind} index ${index} to sample around; the graph has 0..${marks.length - 1}.`,
      )
    }
  }
}

function marked(users: Uint8Array, items: Uint8Array): NodeSets {
  return { users: indicesOf(users), items: indicesOf(items) }
}

/** Returns the indices that are marked, ascending. */
export function indicesOf(marks: Uint8Array): Int32Array {
  let count = 0
  for (let index = 0; index < marks.length; index++) count += marks[index]
  const indices = new Int32Array(count)
  let next = 0
  for (let index = 0; next < count; index++) if (marks[index] === 1) indices[next++] = index
  return indices
}

/** Returns the place of each index among those given; 0 for the others. */
export function placesByIndex(indices: Int32Array, count: number): Int32Array {
  const places = new Int32Array(count)
  for (let place = 0; place < indices.length; place++) places[indices[place]] = place
  return places
}
