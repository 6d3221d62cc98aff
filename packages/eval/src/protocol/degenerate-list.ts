import type { TopK } from '@gnnrec/graph'
import type { UserRanking } from '../metrics/metric.js'

/**
 * Whether ties decided a list: at least two, and more than 10 %, of the user's candidates have the
 * score of its last place (rank K, or the last candidate where there are fewer than K).
 *
 * A single candidate shares its score with nobody, however few there are.
 */
export function isDegenerate(
  list: TopK,
  scores: Float32Array,
  { masked, candidates }: Pick<UserRanking, 'masked' | 'candidates'>,
): boolean {
  const last = list.scores.at(-1)
  let sharing = 0
  if (candidates) {
    for (let i = 0; i < candidates.length; i++) if (scores[candidates[i]] === last) sharing++
    return sharing >= 2 && sharing * 10 > candidates.length
  }
  for (let item = 0; item < scores.length; item++) if (scores[item] === last) sharing++
  for (let i = 0; i < masked.length; i++) if (scores[masked[i]] === last) sharing--
  return sharing >= 2 && sharing * 10 > scores.length - masked.length
}
