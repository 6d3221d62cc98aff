import { InvalidOptionsError } from '@gnnrec/graph'
import { hitsMetric } from './hits-metric.js'
import { checkMetricArguments, isRelevant } from './relevance.js'

/**
 * What the sum of precisions is divided by: `'min'` takes min(k, relevant items), as RecBole, PyTorch
 * Geometric and implicit do, `'rel'` the number of relevant items, as trec_eval (`map_cut`) and ranx do.
 */
export type MapDenominator = 'min' | 'rel'

/**
 * map@k = Σ over hits at rank r <= k of (hits in the first r places / r), divided by min(k, relevant
 * items) or by the number of relevant items: average precision, whose mean over users is MAP.
 *
 * A list shorter than k counts its missing places as misses.
 *
 * @param list - item indices, best first and distinct; only the first k are looked at
 * @param relevant - the user's relevant items, ascending and distinct
 * @param k - an integer of at least 1; may exceed the number of items
 * @param denominator - see {@link MapDenominator}; there is no default, since names alike have led to
 * numbers that were compared and should not have been
 * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
 */
export function mapAtK(
  list: ArrayLike<number>,
  relevant: ArrayLike<number>,
  k: number,
  denominator: MapDenominator,
): number {
  checkMetricArguments(list, relevant, k)
  if (denominator !== 'min' && denominator !== 'rel') {
    throw new InvalidOptionsError(
      `denominator: got '${String(denominator)}'; expected 'min' or 'rel'.`,
    )
  }
  const sum = sumOfPrecisions(list, relevant, k)
  return sum / (denominator === 'min' ? Math.min(k, relevant.length) : relevant.length)
}

/** {@link mapAtK} over min(k, relevant items), averaged over users. */
export const mapMin = hitsMetric(
  'map(min)',
  'min(k, relevant items of the user)',
  (list, relevant, k) => sumOfPrecisions(list, relevant, k) / Math.min(k, relevant.length),
)

/** {@link mapAtK} over all relevant items, averaged over users. */
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
