import type { ListMetric, UserMetric, UserRanking } from '../metrics/metric.js'
import { ranksOfRelevant } from './full-ranks.js'

/**
 * Returns (n - r + p) / n for each relevant item, with its rank r from 0, the p relevant items before it,
 * and n one more than the number of negatives.
 */
function areas(relevant: ArrayLike<number>, ranking: UserRanking, itemCount: number): number[] {
  const negatives = itemCount - ranking.masked.length - relevant.length + 1
  return ranksOfRelevant(relevant, ranking).map((rank, p) => (negatives - rank + p) / negatives)
}

/** The mean of the areas over all relevant items of all users. */
export const elliotAuc: ListMetric = {
  kind: 'lists',
  name: 'auc',
  denominator: 'relevant items that were ranked; one more than the negatives',
  undefinedWhen: 'no relevant item is a candidate',
  hasCutoff: false,
  needsScores: true,
  create: ({ items }) => {
    let [sum, count] = [0, 0]
    return {
      add: (_, relevant, ranking) => {
        for (const area of areas(relevant, ranking, items.itemCount)) {
          sum += area
          count++
        }
      },
      value: () => (count === 0 ? undefined : sum / count),
    }
  },
}

/** The mean over users of the mean of the areas over their relevant items. */
export const elliotGauc: UserMetric = {
  kind: 'user',
  name: 'gauc',
  denominator: 'relevant items of the user; one more than the negatives',
  hasCutoff: false,
  needsScores: true,
  create:
    ({ items }) =>
    (_, relevant, ranking) =>
      areas(relevant, ranking, items.itemCount).reduce((sum, area) => sum + area, 0) /
      relevant.length,
}
