import type { UserMetric } from './metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * precision@k = hits in the first k places / k.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range or nothing is relevant
 */
export function precisionAtK(
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  k: number,
): number {
  checkMetricArguments(relevant, k)
  return countHits(list, relevant, k) / k
}

/** {@link precisionAtK}, averaged over users. */
export const precision: UserMetric = {
  kind: 'user',
  name: 'precision',
  denominator: 'k',
  create:
    ({ k }) =>
    (list, relevant) =>
      precisionAtK(list, relevant, k),
}
