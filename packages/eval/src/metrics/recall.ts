import { hitsMetric } from './hits-metric.js'
import { countHits } from './relevance.js'

/** Recall: hits in the first k places / relevant items of the user. */
export const recall = hitsMetric(
  'recall',
  'relevant items of the user',
  (list, relevant, k) => countHits(list, relevant, k) / relevant.length,
)
