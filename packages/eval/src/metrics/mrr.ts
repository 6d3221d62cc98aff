import { hitsMetric } from './hits-metric.js'
import { isRelevant } from './relevance.js'

/**
 * Reciprocal rank: 1 / rank of the first relevant item if that rank, counted from 1, is at most k, else
 * 0. Its mean over users is the MRR.
 */
export const mrr = hitsMetric('mrr', '1', (list, relevant, k) => {
  const places = Math.min(k, list.length)
  for (let place = 0; place < places; place++) {
    if (isRelevant(list[place], relevant)) return 1 / (place + 1)
  }
  return 0
})
