import { emptyLists } from './counting-metric.js'
import type { UserMetric } from './metric.js'
import { checkCutoff } from './relevance.js'

/** The type of {@link tailShare}. */
export interface TailShare extends UserMetric {
  /**
   * Computes the metric of one list.
   *
   * @param list - item indices, best first; only the first k are looked at
   * @param tail - 1 for each item of the tail, 0 for each other item
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @returns undefined for an empty list
   * @throws InvalidOptionsError when k is out of range
   */
  of(list: ArrayLike<number>, tail: ArrayLike<number>, k: number): number | undefined
}

/**
 * Share of the tail: share of the first k places that hold one of the least popular tenth of the items
 * that occur in training.
 *
 * The tail holds at least one item. Users with an empty list are left out.
 */
export const tailShare: TailShare = {
  kind: 'user',
  name: 'tailShare',
  denominator: 'filled places; tail is the least popular tenth of training items',
  undefinedWhen: emptyLists,
  looksAtRelevant: false,
  create: ({ k, items }) => {
    const { tail } = items
    return (list) => tailShare.of(list, tail, k)
  },
  of(list, tail, k) {
    checkCutoff(k)
    const places = Math.min(k, list.length)
    let inTail = 0
    for (let place = 0; place < places; place++) inTail += tail[list[place]]
    return places === 0 ? undefined : inTail / places
  },
}
