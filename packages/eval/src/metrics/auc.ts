import { InvalidOptionsError } from '@gnnrec/graph'
import type { UserMetric, UserRanking } from './metric.js'
import { isRelevant } from './relevance.js'

/**
 * auc = share of the pairs of a relevant and another candidate in which the relevant one has the higher
 * score, equal scores counting half (Mann-Whitney's U): 0.5 by chance, 1 when all relevant items come
 * first. It looks at the whole ranking and so says little about its top.
 *
 * Hanley and McNeil, Radiology 1982, https://doi.org/10.1148/radiology.143.1.7063747
 *
 * @param scores - one score per item
 * @param relevant - the relevant items, ascending and distinct; those that are no candidates are
 * left out
 * @param masked - items that are no candidates, ascending. Default none
 * @param candidates - the only candidates, ascending. Default all items
 * @returns undefined when there is no pair
 */
export function areaUnderCurve(
  scores: ArrayLike<number>,
  relevant: ArrayLike<number>,
  masked: ArrayLike<number> = [],
  candidates?: ArrayLike<number>,
): number | undefined {
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
}

/** How many of ascending values are above and equal to a score. */
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

/** {@link areaUnderCurve} of one user. */
export function userAuc(
  relevant: ArrayLike<number>,
  { scores, masked, candidates }: UserRanking,
): number | undefined {
  if (!scores) throw new InvalidOptionsError('auc needs the scores of all candidates.')
  return areaUnderCurve(scores, relevant, masked, candidates)
}

/** {@link areaUnderCurve}, averaged over users that have a pair. */
export const auc: UserMetric = {
  kind: 'user',
  name: 'auc',
  denominator: 'pairs of a relevant and another candidate',
  hasCutoff: false,
  needsScores: true,
  create: () => (_, relevant, ranking) => userAuc(relevant, ranking),
}
