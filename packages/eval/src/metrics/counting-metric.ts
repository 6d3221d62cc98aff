import { ItemCounts } from './item-counts.js'
import type { ListMetric } from './metric.js'

/** A metric over how often each item is in the lists of the ranked users. */
export function countingMetric(
  name: string,
  denominator: string,
  value: (counts: ItemCounts) => number | undefined,
): ListMetric {
  return {
    kind: 'lists',
    name,
    denominator,
    looksAtRelevant: false,
    create: ({ k, items }) => {
      const counts = new ItemCounts(k, items.itemCount)
      return { add: (list) => counts.add(list), value: () => value(counts) }
    },
  }
}
