import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, isRelevant } from './relevance.js'

/**
 * ndcg@k = Σ over hits at rank r ≤ k of 1/log2(r + 1), divided by the same sum over the ranks
 * 1..min(k, number of relevant items): binary gains, and an ideal list cut at k.
 *
 * Järvelin and Kekäläinen, ACM TOIS 2002, https://doi.org/10.1145/582415.582418
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function ndcgAtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(list, relevant, k)
  return ndcgOf(list, relevant, k)
}

/** {@link ndcgAtK}, averaged over users. */
export const ndcg = hitsMetric(
  'ndcg',
  'discounted gain of the ideal list with min(k, relevant items) hits',
  ndcgOf,
)

function ndcgOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  const places = Math.min(k, list.length)
  let gain = 0
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) gain += 1 / Math.log2(place + 2)
  }
  let ideal = 0
  for (let place = 0; place < Math.min(k, relevant.length); place++) {
    ideal += 1 / Math.log2(place + 2)
  }
  return gain / ideal
}
