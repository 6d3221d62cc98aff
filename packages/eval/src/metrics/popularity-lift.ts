import { interactionLists } from '@gnnrec/graph'
import { averagePopularity } from './average-popularity.js'
import type { ListMetric } from './metric.js'

/**
 * Popularity lift: mean popularity of the recommended items / mean popularity of the training items of
 * the same users, minus 1. Above 0, users are recommended more popular items than they had.
 *
 * Both are means over users of means over items. Users without training items or without a list are
 * left out. Abdollahpouri et al., RecSys 2020, https://doi.org/10.1145/3383313.3418487, with all users
 * as one group.
 */
export const popularityLift: ListMetric = {
  kind: 'lists',
  name: 'popularityLift',
  denominator: 'mean popularity of training items',
  undefinedWhen: 'no ranked user has both training items and a list',
  looksAtRelevant: false,
  create: ({ k, items, split }) => {
    const { pointers, items: trainItems } = interactionLists(split.train)
    const { popularity } = items
    let [recommended, had] = [0, 0]
    return {
      add: (list, _, { user }) => {
        const own = trainItems.subarray(pointers[user], pointers[user + 1])
        const shown = averagePopularity.of(list, popularity, k)
        if (shown === undefined || own.length === 0) return
        recommended += shown
        let sum = 0
        for (let i = 0; i < own.length; i++) sum += popularity[own[i]]
        had += sum / own.length
      },
      value: () => (had === 0 ? undefined : recommended / had - 1),
    }
  },
}
