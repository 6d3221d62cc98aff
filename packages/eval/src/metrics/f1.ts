import { hitsMetric } from './hits-metric.js'
import { countHits } from './relevance.js'

/**
 * F1: the harmonic mean of precision and recall, which is 2 hits / (k + relevant items of the user).
 */
export const f1 = hitsMetric(
  'f1',
  'k + relevant items of the user, halved',
  (list, relevant, k) => (2 * countHits(list, relevant, k)) / (k + relevant.length),
)
