import { InvalidOptionsError } from '@gnnrec/graph'

/** Rejects arguments for which no metric is defined. */
export function checkMetricArguments(relevant: ArrayLike<number>, k: number): void {
  checkCutoff(k)
  if (relevant.length === 0) {
    throw new InvalidOptionsError(
      'relevant: got an empty list; expected at least one item. Leave users without relevant items out of the mean.',
    )
  }
}

/** @throws InvalidOptionsError when k is not an integer of at least 1 */
export function checkCutoff(k: number): void {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new InvalidOptionsError(`k: got ${k}; expected an integer of at least 1.`)
  }
}

/** How many of the first k places of a list hold a relevant item. */
export function countHits(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  const places = Math.min(k, list.length)
  let hits = 0
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) hits++
  }
  return hits
}

/** Whether ascending `relevant` holds an item. O(log relevant). */
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
