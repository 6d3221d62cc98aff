import type { SparseMatrix, TimeSlice } from '@gnnrec/graph'
import { matrixOfRows } from '../neighbours/matrix-of-rows.js'
import type { ItemOrder } from './factor-pattern.js'
import type { InverseRows } from './inverse-rows.js'
import { LargestMagnitudes } from './largest-magnitudes.js'

/** The share of the weights that each item keeps whatever their size, so that none is without. */
const ownShare = 1 / 8

/**
 * Makes the matrix of weights between items of the weights of largest magnitude: `neighbours` for each item on average,
 * of which its own eighth is kept whatever its size.
 */
export async function largestWeights(
  weights: InverseRows,
  { items, ranks }: ItemOrder,
  neighbours: number,
  slice: TimeSlice,
): Promise<SparseMatrix> {
  const { order } = weights
  const own = Math.ceil(neighbours * ownShare)
  const least =
    neighbours >= order - 1 ? 0 : await leastMagnitude(weights, order * (neighbours - own), slice)
  const chooser = new LargestMagnitudes(order)
  const rowOf = async (item: number) => {
    if (slice.isOver()) await slice.next()
    const row = weights.compute(ranks[item])
    let places = placesFrom(row, least)
    if (places.length < own) places = chooser.places(row, order, own)
    const columns = places.map((rank) => items[rank]).sort()
    return { columns, values: Float32Array.from(columns, (column) => row[ranks[column]]) }
  }
  return matrixOfRows(order, rowOf)
}

/** Returns the places of the numbers other than 0 whose magnitude is not below a bound, ascending. */
function placesFrom(row: Float64Array, least: number): Int32Array {
  let count = 0
  for (let place = 0; place < row.length; place++) if (isKept(row[place], least)) count++
  const places = new Int32Array(count)
  let next = 0
  for (let place = 0; place < row.length; place++) {
    if (isKept(row[place], least)) places[next++] = place
  }
  return places
}

function isKept(value: number, least: number): boolean {
  return value !== 0 && Math.abs(Math.fround(value)) >= least
}

/**
 * Returns a bound that at most `count` weights are not below in magnitude. Magnitudes are counted by the upper half of
 * their float32, which tells them apart to less than a hundredth.
 */
async function leastMagnitude(
  weights: InverseRows,
  count: number,
  slice: TimeSlice,
): Promise<number> {
  const { order } = weights
  const numbers = new Float32Array(1)
  const bits = new Uint32Array(numbers.buffer)
  const found = new Float64Array(1 << 15)
  for (let rank = 0; rank < order; rank++) {
    if (slice.isOver()) await slice.next()
    const row = weights.compute(rank)
    for (let place = 0; place < order; place++) {
      if (row[place] === 0) continue
      numbers[0] = Math.abs(row[place])
      found[bits[0] >>> 16]++
    }
  }
  let kept = 0
  let level = found.length - 1
  while (level >= 0 && kept + found[level] <= count) kept += found[level--]
  bits[0] = (level + 1) << 16
  return numbers[0]
}
