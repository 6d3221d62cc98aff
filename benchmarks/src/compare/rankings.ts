import { topK } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import { correlation, ranksOf } from './rank-correlation.js'

/** Similarity of the rankings of two recommenders on one split. */
interface PairComparison {
  /** Positions of the two in the list of recommenders. */
  readonly pair: readonly [number, number]
  /** Mean over users of the share of a list that is also in the other list. */
  readonly overlap: number
  /** Mean over users of Spearman's correlation of the scores; 0 for a user whose scores are all equal. */
  readonly rankCorrelation: number
}

/** Rankings of several recommenders on one split, described one by one and in pairs. */
export interface RankingComparison {
  /**
   * Number of different lists of each recommender over all users when items of the training part are
   * not masked; 1 means that everybody gets the same list.
   */
  readonly distinctLists: readonly number[]
  readonly pairs: readonly PairComparison[]
}

/**
 * Compares recommenders: for every user, each ranks the items outside the training part, and the k
 * best and the order of all items are compared. Users are taken one by one, so that users × items
 * scores are never kept.
 */
export function compareRankings(
  recommenders: readonly Recommender[],
  k: number,
): RankingComparison {
  const [{ userCount, itemCount, seen }] = recommenders
  const scores = new Float32Array(itemCount)
  const distinct = recommenders.map(() => new Set<string>())
  const pairs = recommenders.flatMap((_, first) =>
    recommenders.slice(first + 1).map((_, after) => ({
      pair: [first, first + 1 + after] as const,
      overlap: 0,
      rankCorrelation: 0,
    })),
  )
  for (let user = 0; user < userCount; user++) {
    const met = seen.items.subarray(seen.pointers[user], seen.pointers[user + 1])
    const candidates = unmet(itemCount, met)
    const rankings = recommenders.map((recommender, place) => {
      recommender.scoreUsers(Int32Array.of(user), scores)
      distinct[place].add(topK(scores, k).items.join())
      const { items } = topK(scores, k, met)
      return {
        list: new Set(items),
        ranks: ranksOf(Float32Array.from(candidates, (item) => scores[item])),
      }
    })
    for (const comparison of pairs) {
      const [a, b] = comparison.pair.map((place) => rankings[place])
      const common = [...a.list].filter((item) => b.list.has(item)).length
      comparison.overlap += common / Math.max(1, a.list.size) / userCount
      comparison.rankCorrelation += correlation(a.ranks, b.ranks) / userCount
    }
  }
  return { distinctLists: distinct.map(({ size }) => size), pairs }
}

/** Returns the items that are not among those met; both are ascending. */
function unmet(itemCount: number, met: Int32Array): Int32Array {
  const left = new Int32Array(itemCount - met.length)
  let [next, place] = [0, 0]
  for (let item = 0; item < itemCount; item++) {
    if (met[next] === item) next++
    else left[place++] = item
  }
  return left
}
