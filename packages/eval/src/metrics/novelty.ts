import { emptyLists } from './counting-metric.js'
import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/** The type of {@link novelty} and {@link noveltyUsers}. */
export interface Novelty extends UserMetric {
  /**
   * Computes the metric of one list.
   *
   * @param list - item indices, best first; only the first k are looked at
   * @param popularity - the number of training users of each item
   * @param total - the number that popularity is a share of, > 0: all training interactions for
   * `novelty`, all users for `novelty(users)`
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @returns undefined for an empty list
   * @throws InvalidOptionsError when k is out of range
   */
  of(
    list: ArrayLike<number>,
    popularity: ArrayLike<number>,
    total: number,
    k: number,
  ): number | undefined
}

/**
 * Novelty: mean, over the first k places, of -log2(training users of the item / training interactions),
 * the bits of surprise to see the item.
 *
 * An item without training users counts as if it had one. Users with an empty list are left out. Vargas
 * and Castells, RecSys 2011, https://doi.org/10.1145/2043932.2043955
 */
export const novelty: Novelty = {
  kind: 'user',
  name: 'novelty',
  denominator: 'filled places; popularity by training interactions',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity, pairCount } = items
    return (list) => meanSurprise(list, popularity, pairCount, k)
  },
  of: meanSurprise,
}

/** Novelty by users: `novelty` with the number of all users in place of training interactions. */
export const noveltyUsers: Novelty = {
  kind: 'user',
  name: 'novelty(users)',
  denominator: 'filled places; popularity by all users',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity, userCount } = items
    return (list) => meanSurprise(list, popularity, userCount, k)
  },
  of: meanSurprise,
}

function meanSurprise(
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
