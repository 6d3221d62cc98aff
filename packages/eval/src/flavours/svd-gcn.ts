import type { Metric, UserMetric } from '../metrics/metric.js'
import { isRelevant } from '../metrics/relevance.js'

/** At 10 the code asks `k <= 10` of places that count from 0, and so looks at eleven. */
const places = (k: number): number => (k === 10 ? 11 : k)

/** Σ over hits of a weight per place, divided by what the first min(k, relevant items) places weigh. */
function overLookedAt(name: string, denominator: string, weight: (place: number) => number) {
  return {
    kind: 'user',
    name,
    denominator,
    places,
    create:
      ({ k }) =>
      (list, relevant) => {
        let [sum, ideal] = [0, 0]
        for (let place = 0; place < list.length; place++) {
          if (isRelevant(list[place], relevant)) sum += weight(place)
        }
        for (let place = 0; place < Math.min(k, relevant.length); place++) ideal += weight(place)
        return sum / ideal
      },
  } satisfies UserMetric
}

/**
 * The test of SVD-GCN's code: recall divided by min(k, relevant items), and at 10 eleven places, whose
 * ideal has ten. https://github.com/tanatosuu/svd_gcn
 */
export const svdGcnMetrics: readonly Metric[] = [
  overLookedAt('recall', 'min(k, relevant items); eleven places at 10', () => 1),
  overLookedAt(
    'ndcg',
    'ideal of min(k, relevant items) places; eleven places at 10',
    (place) => 1 / Math.log2(place + 2),
  ),
]
