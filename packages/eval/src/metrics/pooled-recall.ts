import type { ListMetric } from './metric.js'
import { countHits } from './relevance.js'

/**
 * Pooled recall: hits of all users in their first k places / relevant items of all users, so that a
 * user weighs as much as their relevant items. SELFRec calls it "Hit Ratio".
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
