import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * precision@k = hits in the first k places / k.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function precisionAtK(
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  k: number,
): number {
  checkMetricArguments(list, relevant, k)
  return precisionOf(list, relevant, k)
}

/** {@link precisionAtK}, averaged over users. */
export const precision = hitsMetric('precision', 'k', precisionOf)

function precisionOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  return countHits(list, relevant, k) / k
}
