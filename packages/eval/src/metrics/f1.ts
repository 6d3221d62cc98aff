import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, countHits } from './relevance.js'

/**
 * f1@k = 2 · precision@k · recall@k / (precision@k + recall@k) = 2 · hits / (k + relevant items).
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function f1AtK(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  checkMetricArguments(list, relevant, k)
  return f1Of(list, relevant, k)
}

/** {@link f1AtK}, averaged over users. */
export const f1 = hitsMetric('f1', 'k + relevant items of the user, halved', f1Of)

function f1Of(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  return (2 * countHits(list, relevant, k)) / (k + relevant.length)
}
