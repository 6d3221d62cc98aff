import { type InteractionTable, InvalidInteractionsError, Rng } from '@gnnrec/graph'
import { shuffle } from './shuffle.js'
import { type SplitRatios, userCutPoints } from './split-ratios.js'

/** The order of users or items before they are divided: random, or by the time of their first row. */
export type HoldOutOrder = 'random' | 'first-seen'

/**
 * Returns the part, 0 to 2, of every user or item. They are shuffled, or sorted by the time of their
 * first row (equal times by index), and cut at ⌊n · train⌋, at least 1, and ⌊n · (train + validation)⌋.
 *
 * @throws InvalidInteractionsError when the order needs timestamps and the table has none
 */
export function heldOutParts(
  owner: string,
  table: InteractionTable,
  column: 'userIndex' | 'itemIndex',
  { ratios, order, seed }: { ratios: SplitRatios; order: HoldOutOrder; seed: number | string },
): Uint8Array {
  const { size } = column === 'userIndex' ? table.users : table.items
  const ranked = Int32Array.from({ length: size }, (_, index) => index)
  if (order === 'random') shuffle(ranked, Rng.fromSeed(seed).fork('split'))
  else {
    const first = firstTimes(owner, table, column, size)
    ranked.sort((a, b) => first[a] - first[b] || a - b)
  }
  const [trainEnd, validationEnd] = userCutPoints(size, ratios)
  const part = new Uint8Array(size)
  for (let place = trainEnd; place < size; place++)
    part[ranked[place]] = place < validationEnd ? 1 : 2
  return part
}

function firstTimes(
  owner: string,
  { timestamp, ...table }: InteractionTable,
  column: 'userIndex' | 'itemIndex',
  size: number,
): Float64Array {
  if (timestamp === undefined) {
    throw new InvalidInteractionsError(
      `${owner} got a table without timestamps for order: 'first-seen'. Read the column of timestamps too, or pass order: 'random'.`,
    )
  }
  const first = new Float64Array(size).fill(Number.POSITIVE_INFINITY)
  const index = table[column]
  for (let row = 0; row < index.length; row++) {
    first[index[row]] = Math.min(first[index[row]], timestamp[row])
  }
  return first
}
