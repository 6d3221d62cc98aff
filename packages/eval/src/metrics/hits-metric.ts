import type { UserMetric } from './metric.js'
import { checkMetricArguments } from './relevance.js'

/** A built-in metric of one user's list that depends on nothing but where the hits are. */
export interface HitsMetric extends UserMetric {
  /**
   * Computes the metric of one list. A list shorter than k has misses in the places it lacks.
   *
   * @param list - item indices, best first, each once; only the first k are looked at
   * @param relevant - the user's relevant items, ascending, each once, at least one
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @throws InvalidOptionsError when k is out of range, nothing is relevant, or an item is repeated
   */
  of(list: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number
}

/**
 * Makes a metric from the value of one list.
 *
 * @param denominator - the divisor in words
 */
export function hitsMetric(
  name: string,
  denominator: string,
  value: (list: ArrayLike<number>, relevant: ArrayLike<number>, k: number) => number,
): HitsMetric {
  return {
    kind: 'user',
    name,
    denominator,
    create:
      ({ k }) =>
      (list, relevant) =>
        value(list, relevant, k),
    of(list, relevant, k) {
      checkMetricArguments(list, relevant, k)
      return value(list, relevant, k)
    },
  }
}
