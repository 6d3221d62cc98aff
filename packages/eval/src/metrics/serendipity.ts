import type { ListMetric, UserRanking } from './metric.js'
import { isRelevant } from './relevance.js'

/**
 * Serendipity: hits of all users in their first k places that are not among the user's k most popular
 * candidates / all hits of all users in their first k places. It is the share of the hits that a
 * recommender by popularity would not have found.
 *
 * The popularity of an item is its number of training users; of equally popular items the one with the
 * lower index comes first. It is undefined when there is no hit.
 */
export const serendipity: ListMetric = {
  kind: 'lists',
  name: 'serendipity',
  denominator: 'hits',
  undefinedWhen: 'no list has a hit',
  create: ({ k, items }) => {
    const { byPopularity } = items
    const places = new Int32Array(items.itemCount)
    for (let place = 0; place < byPopularity.length; place++) places[byPopularity[place]] = place
    let [hits, unexpected] = [0, 0]
    return {
      add: (list, relevant, ranking) => {
        let border: number | undefined
        for (let place = 0; place < Math.min(k, list.length); place++) {
          if (!isRelevant(list[place], relevant)) continue
          border ??= lastPopularPlace(byPopularity, ranking, k)
          hits++
          if (places[list[place]] > border) unexpected++
        }
      },
      value: () => (hits === 0 ? undefined : unexpected / hits),
    }
  },
}

/**
 * Returns the place, among all items by popularity, of the user's k-th candidate or of the last one.
 */
function lastPopularPlace(
  byPopularity: Int32Array,
  { masked, candidates }: UserRanking,
  k: number,
): number {
  let found = 0
  for (let place = 0; place < byPopularity.length; place++) {
    const item = byPopularity[place]
    if (isRelevant(item, masked) || (candidates && !isRelevant(item, candidates))) continue
    if (++found === k) return place
  }
  return byPopularity.length
}
