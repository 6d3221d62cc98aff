import * as z from 'zod/mini'
import { InvalidInteractionsError } from '../errors.js'
import {
  distinctItems,
  type InteractionLists,
  pairWeights,
} from '../interactions/interaction-lists.js'
import type { InteractionTable } from '../interactions/interaction-table.js'
import { invalidValueReason } from '../interactions/value-limits.js'

/**
 * The weight of an edge, by the count of its interactions: the sum of their weights, or their number in a table
 * without weights. `'none'`: 1. `'counts'`: the count. `'log'`: `ln(1 + count)`. A function returns the weight of a
 * count.
 */
export type EdgeWeights = 'none' | 'counts' | 'log' | ((count: number) => number)

export const edgeWeightsSchema = z.union(
  [
    z.enum(['none', 'counts', 'log']),
    z.custom<(count: number) => number>((value) => typeof value === 'function'),
  ],
  { error: "expected 'none', 'counts', 'log' or a function" },
)

/**
 * Collects the distinct items of each user, with the weights of the edges unless these are `'none'`.
 *
 * @throws InvalidInteractionsError naming the row or the pair when a weight is not a finite number above 0
 */
export function weightedLists(table: InteractionTable, weights: EdgeWeights): InteractionLists {
  const lists = distinctItems([table])
  if (weights === 'none') return lists
  checkColumn(table)
  const counts = pairWeights([table], lists)
  if (weights === 'counts') return { ...lists, weights: counts }
  if (weights === 'log') return { ...lists, weights: counts.map((count) => Math.log1p(count)) }
  for (let user = 0; user < table.users.size; user++) {
    for (let entry = lists.pointers[user]; entry < lists.pointers[user + 1]; entry++) {
      const count = counts[entry]
      const weight: unknown = weights(count)
      const reason = invalidValueReason('weight', weight)
      if (reason === undefined) {
        counts[entry] = weight as number
        continue
      }
      const [from, to] = [table.users.idOf(user), table.items.idOf(lists.items[entry])]
      throw new InvalidInteractionsError(
        `The function 'weights' returned ${String(weight)} for the count ${count} of user ${JSON.stringify(from)} and item ${JSON.stringify(to)}; ${reason}.`,
      )
    }
  }
  return { ...lists, weights: counts }
}

/** Checks the weights of a table that was put together by hand. */
function checkColumn({ userIndex, weight }: InteractionTable): void {
  if (weight === undefined) return
  if (weight.length !== userIndex.length) {
    throw new InvalidInteractionsError(
      `The column 'weight' has ${weight.length} rows, 'userIndex' has ${userIndex.length}; expected columns of one length.`,
    )
  }
  for (let row = 0; row < weight.length; row++) {
    const reason = invalidValueReason('weight', weight[row])
    if (reason === undefined) continue
    throw new InvalidInteractionsError(`Row ${row} has the weight ${weight[row]}; ${reason}.`)
  }
}

/** Returns the sum of the values of each row of compressed rows, in float64. */
export function rowSums(pointers: Int32Array, values: Float32Array): Float64Array {
  const sums = new Float64Array(pointers.length - 1)
  for (let row = 0; row < sums.length; row++) {
    for (let entry = pointers[row]; entry < pointers[row + 1]; entry++) sums[row] += values[entry]
  }
  return sums
}
