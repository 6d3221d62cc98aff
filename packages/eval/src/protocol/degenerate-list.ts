import type { TopK } from '@gnnrec/graph'

/**
 * The largest share of degenerate lists that an evaluation accepts: above it, the report carries the
 * flag `'degenerate'`.
 */
export const degenerateShareLimit = 0.01

/**
 * True when ties decided a list: at least two, and more than 10 %, of the user's candidates have the
 * score of its last place (rank K, or the last candidate where there are fewer than K).
 *
 * @param candidates - the number of candidates that the list was chosen from
 */
export function isDegenerate({ scores, tied }: TopK, candidates: number): boolean {
  let sharing = tied
  for (let place = scores.length - 1; place >= 0 && scores[place] === scores.at(-1); place--) {
    sharing++
  }
  return sharing >= 2 && sharing * 10 > candidates
}
