import { countingMetric, emptyLists } from './counting-metric.js'
import type { ItemCounts } from './item-counts.js'

/**
 * Shannon entropy in bits: -Σ p log2 p, with p the share of an item among all filled places of the
 * lists. It is the larger, the more items are shown and the more evenly.
 *
 * It is undefined when all lists are empty. Shannon, Bell System Technical Journal 1948,
 * https://doi.org/10.1002/j.1538-7305.1948.tb01338.x
 */
export const entropy = countingMetric(
  'entropy',
  '1, in bits',
  (counts) => entropyOf(counts, Math.log2),
  emptyLists,
)

/** Shannon entropy in nats: `entropy` with the natural logarithm. */
export const entropyNats = countingMetric(
  'entropy(nats)',
  '1, in nats',
  (counts) => entropyOf(counts, Math.log),
  emptyLists,
)

/** Normalized Shannon entropy, 0..1: `entropy` / log2(number of all items). */
export const entropyNormalized = countingMetric(
  'entropy(normalized)',
  'the entropy of all items shown equally often',
  (counts) => {
    const bits = entropyOf(counts, Math.log2)
    const itemCount = counts.counts.length
    return bits === undefined || itemCount < 2 ? bits : bits / Math.log2(itemCount)
  },
  emptyLists,
)

/** Returns -Σ p log p over the shares p of the places; undefined when no place is filled. */
export function entropyOf(
  { counts, places }: ItemCounts,
  logarithm: (share: number) => number,
): number | undefined {
  if (places === 0) return undefined
  let sum = 0
  for (let item = 0; item < counts.length; item++) {
    if (counts[item] === 0) continue
    const share = counts[item] / places
    sum -= share * logarithm(share)
  }
  return sum
}
