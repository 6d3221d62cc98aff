import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/**
 * novelty@k = mean, over the first k places, of -log2(max(training users of the item, 1) / total): bits
 * of surprise to see the item. `total` is the number of training interactions, or of users.
 *
 * Vargas and Castells, RecSys 2011, https://doi.org/10.1145/2043932.2043955
 *
 * @param list - item indices, best first; only the first k are looked at
 * @param popularity - training users of each item
 * @param total - what popularity is a share of, > 0
 * @param k - an integer of at least 1; may exceed the number of items
 * @returns undefined for an empty list
 * @throws InvalidOptionsError when k is out of range
 */
export function noveltyAtK(
  list: ArrayLike<number>,
  popularity: ArrayLike<number>,
  total: number,
  k: number,
): number | undefined {
  checkCutoff(k)
  const places = Math.min(k, list.length)
  let sum = 0
  for (let place = 0; place < places; place++) {
    sum -= Math.log2(Math.max(popularity[list[place]], 1) / total)
  }
  return places === 0 ? undefined : sum / places
}

/** {@link noveltyAtK} as a share of the distinct training interactions. */
export const novelty: UserMetric = {
  kind: 'user',
  name: 'novelty',
  denominator: 'filled places; popularity by training interactions',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity, pairCount } = items
    return (list) => noveltyAtK(list, popularity, pairCount, k)
  },
}

/** {@link noveltyAtK} as a share of all users. */
export const noveltyUsers: UserMetric = {
  kind: 'user',
  name: 'novelty(users)',
  denominator: 'filled places; popularity by all users',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity, userCount } = items
    return (list) => noveltyAtK(list, popularity, userCount, k)
  },
}
