import { countingMetric } from './counting-metric.js'

/** Coverage: distinct items in the first k places of all lists / number of all items. */
export const coverage = countingMetric(
  'coverage',
  'all items of the id map',
  (counts) => counts.distinct / counts.counts.length,
)
