import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * recallCapped@k = hits in the first k places / min(k, number of the user's relevant items): a perfect
 * list has 1 whatever k is.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function recallCappedAtK(
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  k: number,
): number {
  checkMetricArguments(list, relevant, k)
  return recallCappedOf(list, relevant, k)
}

/** {@link recallCappedAtK}, averaged over users. */
export const recallCapped = hitsMetric(
  'recallCapped',
  'min(k, relevant items of the user)',
  recallCappedOf,
)

function recallCappedOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  return countHits(list, relevant, k) / Math.min(k, relevant.length)
}
