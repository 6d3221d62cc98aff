import { countingMetric } from './counting-metric.js'
import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/**
 * gini@k = Σ (2i - n - 1) c₍ᵢ₎ / (n Σ c), with c₍₁₎ <= ... <= c₍ₙ₎ how often each of all n items is in
 * the first k places of the lists, zeros included: 0 when all items are shown equally often, near 1
 * when a few have it all.
 *
 * Fleder and Hosanagar, Management Science 2009, https://doi.org/10.1287/mnsc.1080.0974
 *
 * @param lists - one list of item indices per user, best first; only the first k are looked at
 * @param k - an integer of at least 1; may exceed the number of items
 * @param itemCount - all items of the `IdMap`
 * @returns undefined when all lists are empty
 * @throws InvalidOptionsError when k or itemCount is out of range
 * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
 */
export function giniAtK(
  lists: Iterable<ArrayLike<number>>,
  k: number,
  itemCount: number,
): number | undefined {
  return giniOf(new ItemCounts(k, itemCount).addAll(lists))
}

/** {@link giniAtK} over the lists of the ranked users. */
export const gini: ListMetric = countingMetric('gini', 'items times filled places', giniOf)

/** The index of counts over `items` items; items beyond the counts have none. */
export function giniOf(
  { counts, places }: ItemCounts,
  items: number = counts.length,
): number | undefined {
  if (places === 0) return undefined
  const sorted = counts.slice().sort()
  const first = items - sorted.length + 1
  let sum = 0
  for (let i = 0; i < sorted.length; i++) sum += (2 * (first + i) - items - 1) * sorted[i]
  return sum / (items * places)
}
