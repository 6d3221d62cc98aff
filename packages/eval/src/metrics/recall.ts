import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * recall@k = hits in the first k places / number of the user's relevant items.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function recallAtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(list, relevant, k)
  return recallOf(list, relevant, k)
}

/** {@link recallAtK}, averaged over users. */
export const recall = hitsMetric('recall', 'relevant items of the user', recallOf)

function recallOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  return countHits(list, relevant, k) / relevant.length
}
