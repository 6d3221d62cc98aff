import { type BipartiteGraph, SparseMatrix, type TimeSlice, topK } from '@gnnrec/graph'
import { machineMemory } from '@gnnrec/graph/kernels'
import { CoOccurrence, coOccurrenceTotals } from '../co-occurrence/co-occurrence.js'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'

/** Bytes of a neighbour: an index and a value, in the list of its row and in the matrix of all rows. */
const bytesPerEntry = 16
/** Most entries of a matrix, whose pointers are int32. */
const mostEntries = 2 ** 31 - 1

/**
 * Computes the similarity of every item with its nearest others, an item's own in its row.
 *
 * Time: O(Σ_u d_u²) and a sort of the items that an item meets, row by row; memory: that of the result, twice.
 *
 * @throws ModelTooLargeError, before anything is allocated, when the machine could not hold the neighbours
 */
export async function nearestItems(
  graph: BipartiteGraph,
  { neighbours, shrinkage }: { neighbours: number; shrinkage: number },
  slice: TimeSlice,
): Promise<SparseMatrix> {
  checkEntries(graph, neighbours)
  const { itemCount, itemDegrees } = graph
  const coOccurrence = new CoOccurrence(graph)
  const { counts } = coOccurrence
  const similarities = new Float32Array(itemCount)
  const rowPointers = new Int32Array(itemCount + 1)
  const columns: Int32Array[] = []
  const rows: Float32Array[] = []
  for (let item = 0; item < itemCount; item++) {
    if (slice.isOver()) await slice.next()
    // Ascending, so that of equal similarities the lower index is kept.
    const others = coOccurrence.countRow(item).sort()
    for (let place = 0; place < others.length; place++) {
      const other = others[place]
      const norms = Math.sqrt(itemDegrees[item] * itemDegrees[other])
      similarities[place] = other === item ? 0 : counts[other] / (norms + shrinkage)
    }
    const nearest = nearestPlaces(similarities.subarray(0, others.length), neighbours)
    columns.push(nearest.map((place) => others[place]))
    rows.push(Float32Array.from(nearest, (place) => similarities[place]))
    rowPointers[item + 1] = rowPointers[item] + nearest.length
  }
  return SparseMatrix.fromCsr({
    rows: itemCount,
    columns: itemCount,
    rowPointers,
    columnIndices: concatenated(columns, new Int32Array(rowPointers[itemCount])),
    values: concatenated(rows, new Float32Array(rowPointers[itemCount])),
  })
}

/** @throws ModelTooLargeError when there may be more neighbours than a matrix or the machine can hold */
function checkEntries(graph: BipartiteGraph, neighbours: number): void {
  const { itemCount, itemDegrees } = graph
  const totals = coOccurrenceTotals(graph)
  let entries = 0
  for (let item = 0; item < itemCount; item++) {
    // An item meets each other item of its users, some of them more than once.
    entries += Math.min(neighbours, itemCount - 1, totals[item] - itemDegrees[item])
  }
  const most = Math.min(mostEntries, Math.floor(machineMemory() / bytesPerEntry))
  if (entries <= most) return
  throw new ModelTooLargeError(
    `item-knn: ${neighbours} neighbours of each of ${itemCount} items are up to ${entries} in all; a matrix on this machine holds at most ${most}. Take fewer neighbours, or keep fewer items (filterMinInteractions).`,
  )
}

/** Returns the places of the largest similarities above 0, ascending. */
function nearestPlaces(similarities: Float32Array, neighbours: number): Int32Array {
  if (similarities.length === 0) return new Int32Array()
  const { items, scores } = topK(similarities, Math.min(neighbours, similarities.length))
  const zero = scores.indexOf(0)
  return items.subarray(0, zero === -1 ? items.length : zero).sort()
}

function concatenated<Data extends Int32Array | Float32Array>(
  parts: readonly Data[],
  whole: Data,
): Data {
  let start = 0
  for (const part of parts) {
    whole.set(part, start)
    start += part.length
  }
  return whole
}
