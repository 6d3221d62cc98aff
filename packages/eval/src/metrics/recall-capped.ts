import { hitsMetric } from './hits-metric.js'
import { countHits } from './relevance.js'

/**
 * Capped recall: hits in the first k places / min(k, relevant items of the user). A perfect list has
 * the value 1 whatever k is.
 */
export const recallCapped = hitsMetric(
  'recallCapped',
  'min(k, relevant items of the user)',
  (list, relevant, k) => countHits(list, relevant, k) / Math.min(k, relevant.length),
)
