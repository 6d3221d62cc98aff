import { hitsMetric } from './hits-metric.js'
import { countHits } from './relevance.js'

/** Hit rate: 1 if the first k places hold at least one relevant item, else 0. */
export const hit = hitsMetric('hit', '1', (list, relevant, k) =>
  countHits(list, relevant, k) > 0 ? 1 : 0,
)
