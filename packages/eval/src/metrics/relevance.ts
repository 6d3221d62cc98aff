import { InvalidOptionsError } from '@gnnrec/graph'

/**
 * Rejects arguments for which no metric is defined. Repetitions would count hits twice, and relevant
 * items out of order would be missed.
 */
export function checkMetricArguments(
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  k: number,
): void {
  checkCutoff(k)
  if (relevant.length === 0) {
    throw new InvalidOptionsError(
      'relevant: got an empty list; expected at least one item. Leave users without relevant items out of the mean.',
    )
  }
  for (let i = 1; i < relevant.length; i++) {
    if (relevant[i] > relevant[i - 1]) continue
    throw new InvalidOptionsError(
      `relevant: got ${relevant[i]} after ${relevant[i - 1]}; expected ascending items, each once.`,
    )
  }
  const seen = new Set<number>()
  for (let place = 0; place < Math.min(k, list.length); place++) {
    if (seen.has(list[place])) {
      throw new InvalidOptionsError(
        `list: got the item ${list[place]} twice; expected each item once.`,
      )
    }
    seen.add(list[place])
  }
}

/** @throws InvalidOptionsError when k is not an integer of at least 1 */
export function checkCutoff(k: number): void {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new InvalidOptionsError(`k: got ${k}; expected an integer of at least 1.`)
  }
}

/** Counts the first k places of a list that hold a relevant item. */
export function countHits(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  const places = Math.min(k, list.length)
  let hits = 0
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) hits++
  }
  return hits
}

/** Returns true if `relevant`, which is ascending, holds an item. Takes O(log relevant). */
export function isRelevant(item: number, relevant: ArrayLike<number>): boolean {
  let low = 0
  let high = relevant.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (relevant[middle] < item) low = middle + 1
    else high = middle
  }
  return relevant[low] === item
}
