import { mapMin } from '../metrics/map.js'
import type { ListMetric, Metric, UserMetric } from '../metrics/metric.js'
import { ndcg } from '../metrics/ndcg.js'
import { countHits, isRelevant } from '../metrics/relevance.js'

/** Precision over all users together: Σ hits / Σ min(k, relevant items). */
const precision: ListMetric = {
  kind: 'lists',
  name: 'precision',
  denominator: 'min(k, relevant items), summed over users',
  create: ({ k }) => {
    let [hits, possible] = [0, 0]
    return {
      add: (list, relevant) => {
        hits += countHits(list, relevant, k)
        possible += Math.min(k, relevant.length)
      },
      value: () => hits / possible,
    }
  },
}

/**
 * The area under the curve as far as the list shows it. Items behind the list count as if in random
 * order, and training items count as negatives.
 */
const auc: UserMetric = {
  kind: 'user',
  name: 'auc',
  denominator: 'relevant items times all others',
  create: ({ k, items }) => {
    return (list, relevant) => {
      const negatives = items.itemCount - relevant.length
      let [hits, misses, area] = [0, 0, 0]
      for (let place = 0; place < k; place++) {
        if (place < list.length && isRelevant(list[place], relevant)) hits++
        else {
          misses++
          area += hits
        }
      }
      area += ((hits + relevant.length) / 2) * (negatives - misses)
      return area / (relevant.length * negatives)
    }
  },
}

/** The metrics of `ranking_metrics_at_k` of implicit 0.7. https://github.com/benfred/implicit */
export const implicitMetrics: readonly Metric[] = [precision, { ...mapMin, name: 'map' }, ndcg, auc]
