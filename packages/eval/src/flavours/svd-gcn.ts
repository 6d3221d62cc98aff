import type { Metric, UserMetric } from '../metrics/metric.js'
import { isRelevant } from '../metrics/relevance.js'

/**
 * Returns the length of lists: the code tests `k <= 10` for places that count from 0, so at 10 it looks
 * at eleven.
 */
const places = (k: number): number => (k === 10 ? 11 : k)

/**
 * Makes the metric Σ over hits of the weight of the place, divided by the weights of the first min(k,
 * relevant items) places.
 */
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
 * The metrics in the code of SVD-GCN: recall is divided by min(k, relevant items), and at 10 eleven
 * places are looked at, with the ideal of ten. https://github.com/tanatosuu/svd_gcn
 */
export const svdGcnMetrics: readonly Metric[] = [
  overLookedAt('recall', 'min(k, relevant items); eleven places at 10', () => 1),
  overLookedAt(
    'ndcg',
    'ideal of min(k, relevant items) places; eleven places at 10',
    (place) => 1 / Math.log2(place + 2),
  ),
]
