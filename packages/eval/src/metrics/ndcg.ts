import { hitsMetric } from './hits-metric.js'
import { isRelevant } from './relevance.js'

/**
 * Normalized discounted cumulative gain: Σ over hits at rank r <= k of 1/log2(r + 1), divided by the
 * same sum over the ranks 1..min(k, relevant items of the user).
 *
 * Gains are binary, and the ideal list is cut at k. Järvelin and Kekäläinen, ACM TOIS 2002,
 * https://doi.org/10.1145/582415.582418
 */
export const ndcg = hitsMetric(
  'ndcg',
  'discounted gain of the ideal list with min(k, relevant items) hits',
  (list, relevant, k) => {
    const places = Math.min(k, list.length)
    let gain = 0
    for (let place = 0; place < places; place++) {
      if (isRelevant(list[place], relevant)) gain += 1 / Math.log2(place + 2)
    }
    let ideal = 0
    for (let place = 0; place < Math.min(k, relevant.length); place++) {
      ideal += 1 / Math.log2(place + 2)
    }
    return gain / ideal
  },
)
