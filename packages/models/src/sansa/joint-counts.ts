import type { BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { ProductRows } from '../neighbours/product-rows.js'
import {
  type FactorPattern,
  type GramEntries,
  gramEntries,
  type ItemOrder,
} from './factor-pattern.js'

/** The numbers of users who met two items, for items that other items are predicted from. */
export interface JointCounts {
  /** The ascending ranks before a rank that have a count with it; undefined for items that predict none. */
  readonly ranks: readonly (Int32Array | undefined)[]
  /** The count of each. */
  readonly counts: readonly (GramEntries | undefined)[]
}

/**
 * Counts the users of all pairs of items that are both in the columns of a pattern.
 *
 * @param refuse - throws an error, called as soon as the counts take more bytes than `mostBytes`
 */
export async function countPairs(
  graph: BipartiteGraph,
  { items, ranks: rankOf }: ItemOrder,
  pattern: FactorPattern,
  { mostBytes, refuse }: { mostBytes: number; refuse: () => never },
  slice: TimeSlice,
): Promise<JointCounts> {
  const { itemCount } = graph
  const used = new Uint8Array(itemCount)
  const entries = pattern.pointers[itemCount]
  for (let entry = 0; entry < entries; entry++) used[pattern.columns[entry]] = 1
  const product = ProductRows.ofItems(graph)
  const ranks: (Int32Array | undefined)[] = new Array(itemCount)
  const counts: (GramEntries | undefined)[] = new Array(itemCount)
  let bytes = 0
  for (let rank = 0; rank < itemCount; rank++) {
    if (used[rank] === 0) continue
    if (slice.isOver()) await slice.next()
    const row = product
      .compute(items[rank])
      .map((other) => rankOf[other])
      .filter((other) => other < rank && used[other] === 1)
      .sort()
    const found = gramEntries(graph, row.length)
    bytes += row.byteLength + found.byteLength
    if (bytes > mostBytes) refuse()
    for (let place = 0; place < row.length; place++)
      found[place] = product.values[items[row[place]]]
    ranks[rank] = row
    counts[rank] = found
  }
  return { ranks, counts }
}

/**
 * Writes the counts of all pairs of ascending ranks into the lower triangle of a row-major matrix, without its
 * diagonal.
 */
export function gatherCounts(
  { ranks, counts }: JointCounts,
  chosen: Int32Array,
  matrix: Float64Array,
): void {
  const order = chosen.length
  for (let row = 1; row < order; row++) {
    const others = ranks[chosen[row]]
    const numbers = counts[chosen[row]]
    if (!others || !numbers) continue
    let start = 0
    for (let column = 0; column < row; column++) {
      const wanted = chosen[column]
      start = placeFrom(others, wanted, start)
      matrix[row * order + column] = others[start] === wanted ? numbers[start] : 0
    }
  }
}

/** Returns the first place from `start` on whose number is not below the wanted one. */
function placeFrom(ascending: Int32Array, wanted: number, start: number): number {
  let low = start
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low
}
