import { countingMetric } from './counting-metric.js'
import type { ItemCounts } from './item-counts.js'

/**
 * Personalization: 1 - the mean of |A ∩ B| / k over all pairs of users with the lists A and B. It is 0
 * when all users get the same items and 1 when no two users share one.
 *
 * It is exact: nothing is sampled. It is undefined for fewer than two lists.
 */
export const personalization = countingMetric(
  'personalization',
  'k and the pairs of ranked users',
  personalizationOf,
  'there are fewer than two lists',
)

/** Returns the personalization of counted lists; undefined for fewer than two. */
export function personalizationOf({ counts, lists, k }: ItemCounts): number | undefined {
  if (lists < 2) return undefined
  // An item in c lists is common to c (c - 1) / 2 pairs, so one pass over the items is enough.
  let common = 0
  for (let item = 0; item < counts.length; item++) common += (counts[item] * (counts[item] - 1)) / 2
  return 1 - common / ((lists * (lists - 1)) / 2) / k
}
