import { countingMetric } from './counting-metric.js'
import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/**
 * Bits, nats, or the share of the largest possible entropy, log2(number of items), in 0..1.
 */
export type EntropyUnit = 'bits' | 'nats' | 'normalized'

/**
 * entropy@k = -Σ p log2 p, with p the share of an item among all filled places of the lists: the more
 * items are shown, and the more evenly, the larger.
 *
 * Shannon, Bell System Technical Journal 1948, https://doi.org/10.1002/j.1538-7305.1948.tb01338.x
 *
 * @param lists - one list of item indices per user, best first; only the first k are looked at
 * @param k - an integer of at least 1; may exceed the number of items
 * @param itemCount - all items of the `IdMap`
 * @returns undefined when all lists are empty
 * @throws InvalidOptionsError when k or itemCount is out of range
 * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
 */
export function entropyAtK(
  lists: Iterable<ArrayLike<number>>,
  k: number,
  itemCount: number,
  unit: EntropyUnit = 'bits',
): number | undefined {
  return entropyOf(new ItemCounts(k, itemCount).addAll(lists), unit)
}

/** {@link entropyAtK} over the lists of the ranked users, in bits. */
export const entropy: ListMetric = countingMetric('entropy', '1, in bits', (counts) =>
  entropyOf(counts, 'bits'),
)

/** {@link entropyAtK} in nats. */
export const entropyNats: ListMetric = countingMetric('entropy(nats)', '1, in nats', (counts) =>
  entropyOf(counts, 'nats'),
)

/** {@link entropyAtK} as a share of what all items shown equally often would have. */
export const entropyNormalized: ListMetric = countingMetric(
  'entropy(normalized)',
  'the entropy of all items shown equally often',
  (counts) => entropyOf(counts, 'normalized'),
)

export function entropyOf({ counts, places }: ItemCounts, unit: EntropyUnit): number | undefined {
  if (places === 0) return undefined
  let sum = 0
  for (let item = 0; item < counts.length; item++) {
    if (counts[item] === 0) continue
    const share = counts[item] / places
    sum -= share * (unit === 'nats' ? Math.log(share) : Math.log2(share))
  }
  return unit === 'normalized' && counts.length > 1 ? sum / Math.log2(counts.length) : sum
}
