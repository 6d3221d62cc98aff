import { countingMetric, emptyLists } from './counting-metric.js'
import type { ItemCounts } from './item-counts.js'

/**
 * Gini index: Σ (2i - n - 1) c₍ᵢ₎ / (n Σ c), with c₍₁₎ <= ... <= c₍ₙ₎ how often each of all n items is
 * in the first k places of the lists. It is 0 when all items are shown equally often and near 1 when a
 * few items fill all lists.
 *
 * Items that are never shown count with c = 0. It is undefined when all lists are empty. Fleder and
 * Hosanagar, Management Science 2009, https://doi.org/10.1287/mnsc.1080.0974
 */
export const gini = countingMetric(
  'gini',
  'items times filled places',
  (counts) => giniOf(counts),
  emptyLists,
)

/**
 * Returns the Gini index of counts; undefined when no place is filled.
 *
 * @param itemCount - the number of items; those beyond the counts are never shown
 */
export function giniOf(
  { counts, places }: ItemCounts,
  itemCount: number = counts.length,
): number | undefined {
  if (places === 0) return undefined
  const sorted = counts.slice().sort()
  const first = itemCount - sorted.length + 1
  let sum = 0
  for (let i = 0; i < sorted.length; i++) sum += (2 * (first + i) - itemCount - 1) * sorted[i]
  return sum / (itemCount * places)
}
