import type { UserMetric } from './metric.js'
import { checkMetricArguments, isRelevant } from './relevance.js'

/**
 * mrr@k = 1 / rank of the first relevant item when that rank is at most k, else 0 (reciprocal rank).
 *
 * Ranks count from 1.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range or nothing is relevant
 */
export function mrrAtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(relevant, k)
  const places = Math.min(k, list.length)
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) return 1 / (place + 1)
  }
  return 0
}

/** {@link mrrAtK}, averaged over users. */
export const mrr: UserMetric = {
  kind: 'user',
  name: 'mrr',
  denominator: '1',
  create:
    ({ k }) =>
    (list, relevant) =>
      mrrAtK(list, relevant, k),
}
