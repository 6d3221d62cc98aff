import { hitsMetric } from './hits-metric.js'
import { countHits } from './relevance.js'

/** Precision: hits in the first k places / k. */
export const precision = hitsMetric(
  'precision',
  'k',
  (list, relevant, k) => countHits(list, relevant, k) / k,
)
