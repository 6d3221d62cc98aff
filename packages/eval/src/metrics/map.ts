import { hitsMetric } from './hits-metric.js'
import { isRelevant } from './relevance.js'

/**
 * Average precision: Σ over hits at rank r <= k of (hits in the first r places / r), divided by min(k,
 * relevant items of the user). Its mean over users is the MAP of RecBole, PyTorch Geometric and
 * implicit.
 */
export const mapMin = hitsMetric(
  'map(min)',
  'min(k, relevant items of the user)',
  (list, relevant, k) => sumOfPrecisions(list, relevant, k) / Math.min(k, relevant.length),
)

/**
 * Average precision with another divisor: the sum of `map(min)`, divided by the relevant items of the
 * user. Its mean over users is the MAP of trec_eval (`map_cut`) and ranx.
 */
export const mapRel = hitsMetric(
  'map(rel)',
  'relevant items of the user',
  (list, relevant, k) => sumOfPrecisions(list, relevant, k) / relevant.length,
)

function sumOfPrecisions(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  const places = Math.min(k, list.length)
  let [hits, sum] = [0, 0]
  for (let place = 0; place < places; place++) {
    if (!isRelevant(list[place], relevant)) continue
    hits++
    sum += hits / (place + 1)
  }
  return sum
}
