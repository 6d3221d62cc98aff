import { filterRating, loadMovieLens, randomSplit } from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

/** Ratings of 3 and more of MovieLens-1M, 8:1:1 of each user's at random, as the entry ml1m has them. */
export async function movieLensSplit(seed: number): Promise<Split> {
  const { interactions } = await loadMovieLens('1m')
  return randomSplit(filterRating(interactions, { atLeast: 3 }), {
    ...{ scope: 'user', ratios: [0.8, 0.1, 0.1], rounding: 'down', seed },
  })
}
