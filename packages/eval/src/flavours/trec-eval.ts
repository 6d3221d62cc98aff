import { hit } from '../metrics/hit.js'
import { mapRel } from '../metrics/map.js'
import type { Metric } from '../metrics/metric.js'
import { mrr } from '../metrics/mrr.js'
import { ndcg } from '../metrics/ndcg.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'

/**
 * The metrics of trec_eval 10.0 with `-c`: `recall`, `P`, `success`, `ndcg_cut`, `map_cut` and
 * `recip_rank` of a list that is cut at K. https://github.com/usnistgov/trec_eval
 */
export const trecEvalMetrics: readonly Metric[] = [
  recall,
  precision,
  hit,
  ndcg,
  mrr,
  { ...mapRel, name: 'map' },
]
