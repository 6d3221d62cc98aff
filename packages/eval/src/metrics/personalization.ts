import { countingMetric } from './counting-metric.js'
import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/**
 * personalization@k = 1 - the mean of |A ∩ B| / k over all pairs of users with the lists A and B: 0 when
 * everybody gets the same items, 1 when no two get one in common.
 *
 * An item in c lists is common to c (c - 1) / 2 pairs, so that the mean over all pairs needs one pass
 * and nothing has to be sampled.
 *
 * @param lists - one list of distinct item indices per user, best first; only the first k are looked at
 * @param k - an integer of at least 1; may exceed the number of items
 * @param itemCount - all items of the `IdMap`
 * @returns undefined for fewer than two lists
 * @throws InvalidOptionsError when k or itemCount is out of range
 * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
 */
export function personalizationAtK(
  lists: Iterable<ArrayLike<number>>,
  k: number,
  itemCount: number,
): number | undefined {
  return personalizationOf(new ItemCounts(k, itemCount).addAll(lists))
}

/** {@link personalizationAtK} over the lists of the ranked users. */
export const personalization: ListMetric = countingMetric(
  'personalization',
  'k and the pairs of ranked users',
  personalizationOf,
)

export function personalizationOf({ counts, lists, k }: ItemCounts): number | undefined {
  if (lists < 2) return undefined
  let common = 0
  for (let item = 0; item < counts.length; item++) common += (counts[item] * (counts[item] - 1)) / 2
  return 1 - common / ((lists * (lists - 1)) / 2) / k
}
