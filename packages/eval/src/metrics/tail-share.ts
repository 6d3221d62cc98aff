import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/**
 * tailShare@k = share of the first k places that hold an item of the tail.
 *
 * @param list - item indices, best first; only the first k are looked at
 * @param tail - 1 for items of the tail, else 0; by `evaluate`, the least popular tenth (at least one)
 * of the items that occur in training
 * @param k - an integer of at least 1; may exceed the number of items
 * @returns undefined for an empty list
 * @throws InvalidOptionsError when k is out of range
 */
export function tailShareAtK(
  list: ArrayLike<number>,
  tail: ArrayLike<number>,
  k: number,
): number | undefined {
  checkCutoff(k)
  const places = Math.min(k, list.length)
  let inTail = 0
  for (let place = 0; place < places; place++) inTail += tail[list[place]]
  return places === 0 ? undefined : inTail / places
}

/** {@link tailShareAtK}, averaged over users with a list. */
export const tailShare: UserMetric = {
  kind: 'user',
  name: 'tailShare',
  denominator: 'filled places; tail is the least popular tenth of training items',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { tail } = items
    return (list) => tailShareAtK(list, tail, k)
  },
}
