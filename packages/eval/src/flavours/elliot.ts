import { averagePopularity } from '../metrics/average-popularity.js'
import { countingMetric, emptyLists } from '../metrics/counting-metric.js'
import { f1 } from '../metrics/f1.js'
import { giniOf } from '../metrics/gini.js'
import { hit } from '../metrics/hit.js'
import { hitsMetric } from '../metrics/hits-metric.js'
import type { ItemStatistics } from '../metrics/item-statistics.js'
import type { ListMetric, Metric, UserMetric } from '../metrics/metric.js'
import { mrr } from '../metrics/mrr.js'
import { precision } from '../metrics/precision.js'
import { recall } from '../metrics/recall.js'
import { isRelevant } from '../metrics/relevance.js'
import { tailShare as ownTailShare } from '../metrics/tail-share.js'
import { elliotAuc, elliotGauc } from './elliot-auc.js'
import { elliotNdcg } from './elliot-ndcg.js'

/** The mean of precision@n over all n = 1..k, not only over hits. */
const map = hitsMetric('map', 'k; precision at every place', (list, relevant, k) => {
  let [hits, sum] = [0, 0]
  for (let place = 0; place < k; place++) {
    if (place < list.length && isRelevant(list[place], relevant)) hits++
    sum += hits / (place + 1)
  }
  return sum / k
})

const coverage = countingMetric('coverage', '1: a number of items', (counts) => counts.distinct)

/** 1 - (our gini) · n / (n - 1), so that a larger value is more even. */
const gini = countingMetric(
  'gini',
  '(items - 1) times filled places, taken from 1',
  (counts) => {
    const items = counts.counts.length
    const index = giniOf(counts)
    return index === undefined || items < 2 ? undefined : 1 - (index * items) / (items - 1)
  },
  'all lists are empty, or there is only one item',
)

/**
 * Σ over items of -log2(share of the item among all places) · Σ over its lists of 1 / length, divided by
 * the number of users.
 */
const entropy: ListMetric = {
  kind: 'lists',
  name: 'entropy',
  denominator: 'lists, an item weighing 1 / length in each',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ items }) => {
    const counts = new Int32Array(items.itemCount)
    const weights = new Float64Array(items.itemCount)
    let [lists, places] = [0, 0]
    return {
      add: (list) => {
        lists++
        places += list.length
        for (let place = 0; place < list.length; place++) {
          counts[list[place]]++
          weights[list[place]] += 1 / list.length
        }
      },
      value: () => {
        let sum = 0
        for (let item = 0; item < counts.length; item++) {
          if (counts[item] > 0) sum -= weights[item] * Math.log2(counts[item] / places)
        }
        return places === 0 ? undefined : sum / lists
      },
    }
  },
}

/**
 * APLT: the tail is all items except the most popular ones that have 80 % of the training interactions.
 */
const tailShare: UserMetric = {
  kind: 'user',
  name: 'tailShare',
  denominator: 'filled places; tail is what the head with 80 % of training leaves',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const tail = new Uint8Array(items.itemCount).fill(1)
    let left = 0.8 * items.pairCount
    for (const item of items.byPopularity) {
      tail[item] = 0
      left -= items.popularity[item]
      if (left <= 0) break
    }
    return (list) => ownTailShare.of(list, tail, k)
  },
}

/**
 * Makes the metric Σ over hits of novelty / log2(rank + 1), divided by Σ over places of 1 / log2(rank +
 * 1).
 */
function discountedNovelty(
  name: string,
  denominator: string,
  noveltyOf: (items: ItemStatistics) => Float64Array,
): UserMetric {
  return {
    kind: 'user',
    name,
    denominator,
    create: ({ items }) => {
      const novelty = noveltyOf(items)
      return (list, relevant) => {
        let [sum, discounts] = [0, 0]
        for (let place = 0; place < list.length; place++) {
          const discount = 1 / Math.log2(place + 2)
          discounts += discount
          if (isRelevant(list[place], relevant)) sum += discount * novelty[list[place]]
        }
        return discounts === 0 ? 0 : sum / discounts
      }
    },
  }
}

/** EPC: the novelty of an item is 1 - its training users / all users with training items. */
const expectedPopularityComplement = discountedNovelty(
  'novelty(epc)',
  'discounts of filled places; popularity by users in training',
  ({ popularity, users }) => {
    const userCount = new Set(users.users).size
    return Float64Array.from(popularity, (count) => 1 - count / userCount)
  },
)

/**
 * EFD: the novelty of an item is -log2(its training users / training interactions); an item without
 * training users counts as the rarest one.
 */
const expectedFreeDiscovery = discountedNovelty(
  'novelty(efd)',
  'discounts of filled places; popularity by training interactions',
  ({ popularity, pairCount }) => {
    let rarest = Number.POSITIVE_INFINITY
    for (const count of popularity) if (count > 0) rarest = Math.min(rarest, count)
    return Float64Array.from(popularity, (count) => -Math.log2((count || rarest) / pairCount))
  },
)

/**
 * The metrics of Elliot 0.3.1 with a relevance threshold of 0, so that every rating is relevant.
 * https://github.com/sisinflab/elliot
 */
export const elliotMetrics: readonly Metric[] = [
  precision,
  recall,
  f1,
  hit,
  mrr,
  elliotNdcg,
  map,
  elliotAuc,
  elliotGauc,
  coverage,
  gini,
  entropy,
  averagePopularity,
  tailShare,
  expectedPopularityComplement,
  expectedFreeDiscovery,
]
