import type { ListMetric } from './metric.js'
import { countHits } from './relevance.js'

/**
 * pooledRecall@k = hits of all users in their first k places / relevant items of all users (SELFRec's
 * "Hit Ratio"): recall in which a user weighs as much as their relevant items.
 */
export const pooledRecall: ListMetric = {
  kind: 'lists',
  name: 'pooledRecall',
  denominator: 'relevant items of all users',
  create: ({ k }) => {
    let [hits, relevantItems] = [0, 0]
    return {
      add: (list, relevant) => {
        hits += countHits(list, relevant, k)
        relevantItems += relevant.length
      },
      value: () => hits / relevantItems,
    }
  },
}
