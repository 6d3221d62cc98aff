import { averagePopularity } from '../metrics/average-popularity.js'
import { coverage } from '../metrics/coverage.js'
import { f1 } from '../metrics/f1.js'
import { hit } from '../metrics/hit.js'
import { ItemCounts } from '../metrics/item-counts.js'
import { mapMin } from '../metrics/map.js'
import type { ListMetric, Metric } from '../metrics/metric.js'
import { mrr } from '../metrics/mrr.js'
import { ndcg } from '../metrics/ndcg.js'
import { personalizationOf } from '../metrics/personalization.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'

/** The default of `max_src_nodes` of `LinkPredPersonalization`. */
const mostUsers = 4096

/** Personalization among the first users only. */
const personalization: ListMetric = {
  kind: 'lists',
  name: 'personalization',
  denominator: 'k and the pairs of the first 4096 ranked users',
  undefinedWhen: 'there are fewer than two lists',
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const counts = new ItemCounts(k, items.itemCount)
    return {
      add: (list) => {
        if (counts.lists < mostUsers) counts.add(list)
      },
      value: () => personalizationOf(counts),
    }
  },
}

/**
 * The `LinkPred` metrics of PyTorch Geometric 2.7, which adds up in float32 where this library uses
 * float64.
 * https://github.com/pyg-team/pytorch_geometric
 */
export const pygMetrics: readonly Metric[] = [
  precision,
  recall,
  f1,
  { ...mapMin, name: 'map' },
  ndcg,
  mrr,
  hit,
  coverage,
  averagePopularity,
  personalization,
]
