import { emptyLists } from './counting-metric.js'
import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/** The type of {@link averagePopularity}. */
export interface AveragePopularity extends UserMetric {
  /**
   * Computes the metric of one list.
   *
   * @param list - item indices, best first; only the first k are looked at
   * @param popularity - the number of training users of each item
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @returns undefined for an empty list
   * @throws InvalidOptionsError when k is out of range
   */
  of(list: ArrayLike<number>, popularity: ArrayLike<number>, k: number): number | undefined
}

/**
 * Average popularity of recommended items: mean, over the first k places, of the number of training
 * users of the item.
 *
 * Users with an empty list are left out. ARP of Yin et al., VLDB 2012,
 * https://doi.org/10.14778/2311906.2311916
 */
export const averagePopularity: AveragePopularity = {
  kind: 'user',
  name: 'averagePopularity',
  denominator: 'filled places',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { popularity } = items
    return (list) => averagePopularity.of(list, popularity, k)
  },
  of(list, popularity, k) {
    checkCutoff(k)
    const places = Math.min(k, list.length)
    let sum = 0
    for (let place = 0; place < places; place++) sum += popularity[list[place]]
    return places === 0 ? undefined : sum / places
  },
}
