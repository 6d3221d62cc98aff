import type { Split } from '@gnnrec/graph'
import { averagePopularity as ownAveragePopularity } from '../metrics/average-popularity.js'
import { countingMetric, emptyLists } from '../metrics/counting-metric.js'
import { entropyOf } from '../metrics/entropy.js'
import { gauc } from '../metrics/gauc.js'
import { giniOf } from '../metrics/gini.js'
import { hit } from '../metrics/hit.js'
import { mapMin } from '../metrics/map.js'
import type { Metric, UserMetric } from '../metrics/metric.js'
import { mrr } from '../metrics/mrr.js'
import { ndcg } from '../metrics/ndcg.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'
import { tailShare as ownTailShare } from '../metrics/tail-share.js'

/** Coverage of all items and the padding, which `dataset.num(item)` counts as an item. */
const coverage = countingMetric(
  'coverage',
  'all items of the id map and one for padding',
  (counts) => counts.distinct / (counts.counts.length + 1),
)

const gini = countingMetric(
  'gini',
  'items (and padding) times filled places',
  (counts) => giniOf(counts, counts.counts.length + 1),
  emptyLists,
)

const entropy = countingMetric(
  'entropy',
  'distinct items in lists, in nats',
  (counts) => {
    const nats = entropyOf(counts, Math.log)
    return nats === undefined ? undefined : nats / counts.distinct
  },
  emptyLists,
)

const averagePopularity: UserMetric = {
  kind: 'user',
  name: 'averagePopularity',
  denominator: 'filled places; popularity by training rows, repetitions included',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, split }) => {
    const popularity = rowsOfItems(split)
    return (list) => ownAveragePopularity.of(list, popularity, k)
  },
}

const tailShare: UserMetric = {
  kind: 'user',
  name: 'tailShare',
  denominator: 'filled places; tail is a tenth of training items, by training rows',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, split }) => {
    const rows = rowsOfItems(split)
    const occurring = [...rows.keys()]
      .filter((item) => rows[item] > 0)
      .sort((a, b) => rows[a] - rows[b] || a - b)
    const tail = new Uint8Array(rows.length)
    for (const item of occurring.slice(0, Math.max(1, Math.floor(occurring.length * 0.1)))) {
      tail[item] = 1
    }
    return (list) => ownTailShare.of(list, tail, k)
  },
}

function rowsOfItems({ train }: Split): Int32Array {
  const rows = new Int32Array(train.items.size)
  for (const item of train.itemIndex) rows[item]++
  return rows
}

/**
 * The ranking metrics of RecBole 1.2.1, without the rounding to 4 places. RecBole fills lists that lack
 * candidates with masked items in no defined order, while lists stay short here.
 * https://github.com/RUCAIBox/RecBole
 */
export const recBoleMetrics: readonly Metric[] = [
  recall,
  precision,
  hit,
  ndcg,
  mrr,
  { ...mapMin, name: 'map' },
  gauc,
  coverage,
  gini,
  entropy,
  averagePopularity,
  tailShare,
]
