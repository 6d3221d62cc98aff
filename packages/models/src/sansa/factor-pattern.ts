import type { BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { gramDiagonal, ProductRows } from '../neighbours/product-rows.js'
import { LargestMagnitudes } from './largest-magnitudes.js'

/** Items from the one that most users met on, of equal ones the lower first. A rank is a place in this order. */
export interface ItemOrder {
  /** The item at each rank. */
  readonly items: Int32Array
  /** The rank of each item. */
  readonly ranks: Int32Array
}

/** Entries of RᵀR, in float32 if they are numbers of users, which it holds. */
export type GramEntries = Float32Array | Float64Array

/** The places of the entries of a lower triangular factor, a row a rank, without the diagonal. */
export interface FactorPattern {
  /** Row r has the entries from `pointers[r]` to before `pointers[r + 1]`. */
  readonly pointers: Int32Array
  /** Ascending ranks below that of the row. */
  readonly columns: Int32Array
  /** The entry of RᵀR, without weights the number of users who met the items of both the row and the column. */
  readonly counts: GramEntries
}

/** Makes a list of entries of RᵀR, all 0. */
export function gramEntries({ isWeighted }: BipartiteGraph, length: number): GramEntries {
  return isWeighted ? new Float64Array(length) : new Float32Array(length)
}

/** Orders items by the users who met them. */
export function popularFirst({ itemDegrees }: BipartiteGraph): ItemOrder {
  const items = Int32Array.from(itemDegrees.keys())
  items.sort((a, b) => itemDegrees[b] - itemDegrees[a] || a - b)
  const ranks = new Int32Array(items.length)
  for (let rank = 0; rank < items.length; rank++) ranks[items[rank]] = rank
  return { items, ranks }
}

/**
 * Chooses for each item the more popular ones that it is predicted from: those met most often together with it, for
 * their own popularity, and when there are too few, the most popular of the others.
 *
 * @param most - most entries of a row
 */
export async function choosePattern(
  graph: BipartiteGraph,
  { items, ranks }: ItemOrder,
  { most, l2Weight }: { most: number; l2Weight: number },
  slice: TimeSlice,
): Promise<FactorPattern> {
  const { itemCount } = graph
  const squares = gramDiagonal(graph)
  const product = ProductRows.ofItems(graph)
  const chooser = new LargestMagnitudes(itemCount)
  const preferences = new Float64Array(itemCount)
  const isMet = new Uint8Array(itemCount)
  const pointers = new Int32Array(itemCount + 1)
  const columns = new Int32Array(itemCount * Math.min(most, itemCount))
  const counts = gramEntries(graph, columns.length)
  for (let row = 0; row < itemCount; row++) {
    if (slice.isOver()) await slice.next()
    const met = product.compute(items[row])
    const candidates = met
      .map((other) => ranks[other])
      .filter((rank) => rank < row)
      .sort()
    for (let place = 0; place < candidates.length; place++) {
      const other = items[candidates[place]]
      preferences[place] = product.values[other] / Math.sqrt(squares[other] + l2Weight)
    }
    const room = Math.min(most, row)
    const preferred = chooser.places(preferences, candidates.length, room)
    const chosen = withFirst(
      preferred.map((place) => candidates[place]),
      room,
    )
    const start = pointers[row]
    columns.set(chosen, start)
    isMet.fill(0)
    for (let place = 0; place < met.length; place++) isMet[met[place]] = 1
    for (let place = 0; place < room; place++) {
      const other = items[chosen[place]]
      counts[start + place] = isMet[other] === 1 ? product.values[other] : 0
    }
    pointers[row + 1] = start + room
  }
  return { pointers, columns, counts }
}

/** Adds the lowest numbers that are missing to ascending ones, up to a count. */
function withFirst(ascending: Int32Array, count: number): Int32Array {
  const all = new Int32Array(count)
  let missing = count - ascending.length
  let place = 0
  for (let number = 0, next = 0; place < count; number++) {
    if (ascending[next] === number) next++
    else if (missing > 0) missing--
    else continue
    all[place++] = number
  }
  return all
}
