import { aucOfUser } from './auc.js'
import type { ListMetric } from './metric.js'
import { isRelevant } from './relevance.js'

/**
 * Grouped AUC: Σ n · auc / Σ n over the users that have a pair, with n the number of the user's
 * relevant candidates, so that a user weighs as much as their relevant items.
 *
 * Zhou et al., KDD 2018, https://doi.org/10.1145/3219819.3219823
 */
export const gauc: ListMetric = {
  kind: 'lists',
  name: 'gauc',
  denominator: 'pairs of a relevant and another candidate, weighted by relevant items',
  undefinedWhen: 'no user has a pair of a relevant and another candidate',
  hasCutoff: false,
  needsScores: true,
  create: () => {
    let [sum, weights] = [0, 0]
    return {
      add: (_, relevant, ranking) => {
        const area = aucOfUser(relevant, ranking)
        if (area === undefined) return
        const { masked, candidates } = ranking
        let weight = 0
        for (let i = 0; i < relevant.length; i++) {
          if (isRelevant(relevant[i], masked)) continue
          if (candidates && !isRelevant(relevant[i], candidates)) continue
          weight++
        }
        sum += weight * area
        weights += weight
      },
      value: () => (weights === 0 ? undefined : sum / weights),
    }
  },
}
