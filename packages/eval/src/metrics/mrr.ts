import { hitsMetric } from './hits-metric.js'
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
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function mrrAtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(list, relevant, k)
  return mrrOf(list, relevant, k)
}

/** {@link mrrAtK}, averaged over users. */
export const mrr = hitsMetric('mrr', '1', mrrOf)

function mrrOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  const places = Math.min(k, list.length)
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) return 1 / (place + 1)
  }
  return 0
}
