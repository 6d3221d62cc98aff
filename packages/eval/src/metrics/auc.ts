import { InvalidOptionsError } from '@gnnrec/graph'
import type { UserMetric, UserRanking } from './metric.js'
import { isRelevant } from './relevance.js'

/** The type of {@link auc}. */
export interface AreaUnderCurve extends UserMetric {
  /**
   * Computes the metric of one user.
   *
   * @param scores - one score per item
   * @param relevant - the relevant items, ascending, each once; those that are no candidates are left
   * out
   * @param masked - items that are no candidates, ascending; none if absent
   * @param candidates - the only candidates, ascending; all items if absent
   * @returns undefined when there is no pair
   */
  of(
    scores: ArrayLike<number>,
    relevant: ArrayLike<number>,
    masked?: ArrayLike<number>,
    candidates?: ArrayLike<number>,
  ): number | undefined
}

/**
 * Area under the ROC curve: share of the pairs of a relevant and another candidate in which the
 * relevant one has the higher score, with equal scores counting half.
 *
 * It is 0.5 by chance and 1 when all relevant items come first. It looks at the whole ranking and so
 * says little about the top. Users without a pair are left out. Hanley and McNeil, Radiology 1982,
 * https://doi.org/10.1148/radiology.143.1.7063747
 */
export const auc: AreaUnderCurve = {
  kind: 'user',
  name: 'auc',
  denominator: 'pairs of a relevant and another candidate',
  undefinedWhen: 'no user has a pair of a relevant and another candidate',
  hasCutoff: false,
  needsScores: true,
  create: () => (_, relevant, ranking) => aucOfUser(relevant, ranking),
  of(scores, relevant, masked = [], candidates) {
    const positives: number[] = []
    for (let i = 0; i < relevant.length; i++) {
      const item = relevant[i]
      if (isRelevant(item, masked) || (candidates && !isRelevant(item, candidates))) continue
      positives.push(scores[item])
    }
    const sorted = Float64Array.from(positives).sort()
    const count = candidates ? candidates.length : scores.length
    let [wins, others, nextMasked, nextRelevant] = [0, 0, 0, 0]
    for (let c = 0; c < count; c++) {
      const item = candidates ? candidates[c] : c
      while (masked[nextMasked] < item) nextMasked++
      while (relevant[nextRelevant] < item) nextRelevant++
      if (masked[nextMasked] === item || relevant[nextRelevant] === item) continue
      others++
      const [above, equal] = countAbove(sorted, scores[item])
      wins += above + equal / 2
    }
    return others === 0 || sorted.length === 0 ? undefined : wins / (others * sorted.length)
  },
}

/** Returns the `auc` of one user of an evaluation. */
export function aucOfUser(
  relevant: ArrayLike<number>,
  { scores, masked, candidates }: UserRanking,
): number | undefined {
  if (!scores) throw new InvalidOptionsError('auc needs the scores of all candidates.')
  return auc.of(scores, relevant, masked, candidates)
}

/** Counts how many of ascending values are above a score and how many are equal to it. */
function countAbove(sorted: Float64Array, score: number): [above: number, equal: number] {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < score) low = middle + 1
    else high = middle
  }
  let end = low
  while (sorted[end] === score) end++
  return [sorted.length - end, end - low]
}
