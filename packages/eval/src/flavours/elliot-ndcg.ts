import type { Split } from '@gnnrec/graph'
import type { UserMetric } from '../metrics/metric.js'

/**
 * NDCG in which a relevant item has the gain 2^(rating + 1) - 1; without ratings, each counts as rated
 * 1.
 */
export const elliotNdcg: UserMetric = {
  kind: 'user',
  name: 'ndcg',
  denominator: 'discounted gain of the ideal list, gains 2^(rating + 1) - 1',
  create: ({ k, split, on }) => {
    const gains = gainsByUser(split[on])
    return (list, _, { user }) => {
      const own = gains.get(user) ?? new Map<number, number>()
      const ideal = [...own.values()].sort((a, b) => b - a)
      let [sum, best] = [0, 0]
      for (let place = 0; place < Math.min(k, list.length); place++) {
        sum += (own.get(list[place]) ?? 0) / Math.log2(place + 2)
      }
      for (let place = 0; place < Math.min(k, ideal.length); place++) {
        best += ideal[place] / Math.log2(place + 2)
      }
      return best === 0 ? 0 : sum / best
    }
  },
}

/** Returns the gains of each user's items. The last row counts of a pair that occurs more than once. */
function gainsByUser({ userIndex, itemIndex, rating }: Split['test']) {
  const gains = new Map<number, Map<number, number>>()
  for (let row = 0; row < userIndex.length; row++) {
    let own = gains.get(userIndex[row])
    if (!own) {
      own = new Map()
      gains.set(userIndex[row], own)
    }
    own.set(itemIndex[row], 2 ** ((rating ? rating[row] : 1) + 1) - 1)
  }
  return gains
}
