import { filterRating, loadMovieLens, randomSplit } from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

export const ml1mSplitSeed = 2020

/**
 * Splits MovieLens-1M's ratings of 3 and more at random, 8:1:1 for each user, with RecBole's
 * rounding.
 */
export async function loadMl1mSplit(): Promise<Split> {
  const { interactions } = await loadMovieLens('ml-1m')
  return randomSplit(filterRating(interactions, { atLeast: 3 }), {
    scope: 'user',
    ratios: [0.8, 0.1, 0.1],
    rounding: 'down',
    seed: ml1mSplitSeed,
  })
}
