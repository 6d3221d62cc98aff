import type { BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { checkMachineMemory } from '@gnnrec/graph/kernels'
import { ProductRows } from '../neighbours/product-rows.js'

/** A table of k other items per item with their weights; an entry of weight 0 names no item. */
export interface NeighbourTable {
  /** Indices [itemCount × k], row-major. */
  readonly items: Int32Array
  /** Weights ω, [itemCount × k]. */
  readonly weights: Float32Array
}

/** The tables of DGR's local correction. */
export interface NeighbourTables {
  /** The items of largest ω, the item itself among them. */
  readonly nearest: NeighbourTable
  /** The items of smallest ω above 0. */
  readonly marginal: NeighbourTable
}

/**
 * Finds the k nearest and the k marginal items of each item by
 *
 *     ω_ij = G_ij / √((g_i + 1) (g_j + 1)),   G = RᵀR with its diagonal,   g = G·1
 *
 * Of equal ω the lower item comes first. An item has marginal ones only if it meets 3k items or more,
 * itself included. Row after row, so that nothing of items² is made: time O(Σ_u d_u²) for users with
 * d_u items.
 */
export async function neighbourTables(
  graph: BipartiteGraph,
  neighbours: number,
  slice: TimeSlice,
): Promise<NeighbourTables> {
  const { itemCount } = graph
  // Two tables of an index and a weight.
  const bytes = 2 * 8 * itemCount * neighbours
  checkMachineMemory("The tables of dgr's neighbouring items", bytes, 'Take fewer neighbours.')
  const tables = {
    nearest: emptyTable(itemCount * neighbours),
    marginal: emptyTable(itemCount * neighbours),
  }
  const product = ProductRows.ofItems(graph)
  const counts = product.values
  const totals = gramSums(graph)
  const nearest = new SmallestList(neighbours)
  const marginal = new SmallestList(neighbours)
  for (let item = 0; item < itemCount; item++) {
    if (slice.isOver()) await slice.next()
    const others = product.compute(item)
    nearest.clear()
    marginal.clear()
    const hasMarginal = others.length >= 3 * neighbours
    for (let place = 0; place < others.length; place++) {
      const other = others[place]
      // ω² but for the factor of the row. One division of integers rounds equal ω alike, and keeps
      // the order of others; ω itself, with its root, would not.
      const key = (counts[other] * counts[other]) / (totals[other] + 1)
      nearest.offer(other, -key)
      if (hasMarginal) marginal.offer(other, key)
    }
    write(nearest, tables.nearest, item * neighbours, totals[item] + 1)
    write(marginal, tables.marginal, item * neighbours, totals[item] + 1)
  }
  return tables
}

/** Returns `RᵀR 1` in float64, exactly in a graph without weights. */
function gramSums({ itemCount, interactions, weightedUserDegrees }: BipartiteGraph): Float64Array {
  const { pointers, items, weights } = interactions
  const sums = new Float64Array(itemCount)
  for (let user = 0; user < weightedUserDegrees.length; user++) {
    for (let edge = pointers[user]; edge < pointers[user + 1]; edge++) {
      sums[items[edge]] += (weights ? weights[edge] : 1) * weightedUserDegrees[user]
    }
  }
  return sums
}

function emptyTable(size: number): NeighbourTable {
  return { items: new Int32Array(size), weights: new Float32Array(size) }
}

function write(list: SmallestList, table: NeighbourTable, start: number, divisor: number): void {
  for (let place = 0; place < list.size; place++) {
    table.items[start + place] = list.items[place]
    table.weights[start + place] = Math.sqrt(Math.abs(list.values[place]) / divisor)
  }
}

/** The few smallest values offered, ascending; of equal ones the lower item comes first. */
class SmallestList {
  readonly items: Int32Array
  readonly values: Float64Array
  size = 0

  constructor(capacity: number) {
    this.items = new Int32Array(capacity)
    this.values = new Float64Array(capacity)
  }

  clear(): void {
    this.size = 0
  }

  offer(item: number, value: number): void {
    const { items, values } = this
    let place = this.size
    if (place < items.length) this.size++
    else if (this.#isBefore(item, value, place - 1)) place--
    else return
    for (; place > 0 && this.#isBefore(item, value, place - 1); place--) {
      items[place] = items[place - 1]
      values[place] = values[place - 1]
    }
    items[place] = item
    values[place] = value
  }

  #isBefore(item: number, value: number, place: number): boolean {
    const other = this.values[place]
    return value < other || (value === other && item < this.items[place])
  }
}
