import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/**
 * averagePopularity@k = mean, over the first k places, of the number of training users of the item
 * (ARP of Yin et al., VLDB 2012, https://doi.org/10.14778/2311906.2311916).
 *
 * @param list - item indices, best first; only the first k are looked at
 * @param popularity - training users of each item
 * @param k - an integer of at least 1; may exceed the number of items
 * @returns undefined for an empty list
 * @throws InvalidOptionsError when k is out of range
 */
export function averagePopularityAtK(
  list: ArrayLike<number>,
  popularity: ArrayLike<number>,
  k: number,
): number | undefined {
  checkCutoff(k)
  const places = Math.min(k, list.length)
  let sum = 0
  for (let place = 0; place < places; place++) sum += popularity[list[place]]
  return places === 0 ? undefined : sum / places
}

/** {@link averagePopularityAtK}, averaged over users with a list. */
export const averagePopularity: UserMetric = {
  kind: 'user',
  name: 'averagePopularity',
  denominator: 'filled places',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity } = items
    return (list) => averagePopularityAtK(list, popularity, k)
  },
}
