import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * hit@k = 1 when the first k places hold at least one relevant item, else 0.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function hitAtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(list, relevant, k)
  return hitOf(list, relevant, k)
}

/** {@link hitAtK}, averaged over users. */
export const hit = hitsMetric('hit', '1', hitOf)

function hitOf(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  return countHits(list, relevant, k) > 0 ? 1 : 0
}
