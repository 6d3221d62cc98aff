import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/** A built-in metric that depends on nothing but how often each item is in the lists of all users. */
export interface CountingMetric<Value extends number | undefined> extends ListMetric {
  /**
   * Computes the metric of all lists together.
   *
   * @param lists - one list of item indices per user, best first; only the first k are looked at
   * @param k - the cut-off, an integer >= 1; may exceed the number of items
   * @param itemCount - the number of all items, also of those that no list can hold
   * @returns the value, or undefined where the lists do not determine one
   * @throws InvalidOptionsError when k or itemCount is out of range
   * @throws ShapeMismatchError when an item index is not in 0..itemCount-1
   */
  of(lists: Iterable<ArrayLike<number>>, k: number, itemCount: number): Value
}

/** The case in which the counts of all items are zero, in words. */
export const emptyLists = 'all lists are empty'

/**
 * Makes a metric from the counts of all items.
 *
 * @param denominator - the divisor in words
 * @param undefinedWhen - the case in which there is no value, in words
 */
export function countingMetric<Value extends number | undefined>(
  name: string,
  denominator: string,
  value: (counts: ItemCounts) => Value,
  undefinedWhen?: string,
): CountingMetric<Value> {
  return {
    kind: 'lists',
    name,
    denominator,
    ...(undefinedWhen !== undefined && { undefinedWhen }),
    looksAtRelevant: false,
    create: ({ k, items }) => {
      const counts = new ItemCounts(k, items.itemCount)
      return { add: (list) => counts.add(list), value: () => value(counts) }
    },
    of: (lists, k, itemCount) => value(new ItemCounts(k, itemCount).addAll(lists)),
  }
}
