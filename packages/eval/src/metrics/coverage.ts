import { countingMetric } from './counting-metric.js'
import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/**
 * coverage@k = distinct items in the first k places of all lists / number of items.
 *
 * @param lists - one list of item indices per user, best first; only the first k are looked at
 * @param k - an integer of at least 1; may exceed the number of items
 * @param itemCount - all items of the `IdMap`, also those that no list could hold
 * @throws InvalidOptionsError when k or itemCount is out of range
 * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
 */
export function coverageAtK(
  lists: Iterable<ArrayLike<number>>,
  k: number,
  itemCount: number,
): number {
  return coverageOf(new ItemCounts(k, itemCount).addAll(lists))
}

/** {@link coverageAtK} over the lists of the ranked users. */
export const coverage: ListMetric = countingMetric(
  'coverage',
  'all items of the id map',
  coverageOf,
)

function coverageOf(counts: ItemCounts): number {
  return counts.distinct / counts.counts.length
}
