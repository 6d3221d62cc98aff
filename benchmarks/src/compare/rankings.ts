import { topK } from '@gnnrec/graph'
import type { Recommender } from '@gnnrec/serving'
import { correlation, ranksOf } from './rank-correlation.js'

/** How alike two recommenders of one split rank. */
interface PairComparison {
  /** Places of the two among the recommenders. */
  readonly pair: readonly [number, number]
  /** Mean over users of the share of a list that the other list has, too. */
  readonly overlap: number
  /** Mean over users of Spearman's correlation of the scores; 0 for a user whose scores are all equal. */
  readonly rankCorrelation: number
}

/** What recommenders of one split rank, each by itself and pair by pair. */
export interface RankingComparison {
  /**
   * For each recommender, how many different lists all users get when items they have met are left in:
   * 1 for a ranking that is the same for everybody.
   */
  readonly distinctLists: readonly number[]
  readonly pairs: readonly PairComparison[]
}

/**
 * Ranks, for every user, the items that the user has not met in training, with each recommender, and
 * compares the k best and the order of all of them; user by user, so that users × items scores are
 * never kept.
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

/** The items that are not among those met; both ascending. */
function unmet(itemCount: number, met: Int32Array): Int32Array {
  const left = new Int32Array(itemCount - met.length)
  let [next, place] = [0, 0]
  for (let item = 0; item < itemCount; item++) {
    if (met[next] === item) next++
    else left[place++] = item
  }
  return left
}
