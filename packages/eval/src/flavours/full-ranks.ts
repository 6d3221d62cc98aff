import { InvalidOptionsError } from '@gnnrec/graph'
import type { UserRanking } from '../metrics/metric.js'
import { isRelevant } from '../metrics/relevance.js'

/**
 * Returns the ranks, from 0 and ascending, of the relevant candidates among all candidates. Of equal
 * scores, the lower item index comes first. Takes O(candidates · log relevant).
 */
export function ranksOfRelevant(relevant: ArrayLike<number>, ranking: UserRanking): number[] {
  const { scores, masked, candidates } = ranking
  if (!scores) throw new InvalidOptionsError('auc needs the scores of all candidates.')
  const before = (a: number, b: number): boolean =>
    scores[a] > scores[b] || (scores[a] === scores[b] && a < b)
  const found = Array.from(relevant).filter(
    (item) => !isRelevant(item, masked) && (!candidates || isRelevant(item, candidates)),
  )
  found.sort((a, b) => (before(a, b) ? -1 : 1))
  // ahead[p]: candidates that come before found[p], but not before found[p - 1].
  const ahead = new Float64Array(found.length + 1)
  const count = candidates ? candidates.length : scores.length
  let nextMasked = 0
  for (let c = 0; c < count; c++) {
    const item = candidates ? candidates[c] : c
    while (masked[nextMasked] < item) nextMasked++
    if (masked[nextMasked] === item) continue
    let [low, high] = [0, found.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(item, found[middle])) high = middle
      else low = middle + 1
    }
    ahead[low]++
  }
  let rank = 0
  return found.map((_, p) => {
    rank += ahead[p]
    return rank
  })
}
