import {
  dropDuplicates,
  filterMinInteractions,
  loadMovieLens,
  loadMovieTweetings,
  temporalSplit,
} from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

const loaders = {
  movietweetings: () => loadMovieTweetings(),
  'ml-latest-small': () => loadMovieLens('ml-latest-small'),
} as const

/** Name of a data set of films. */
export type MovieDataset = keyof typeof loaders

/** Returns the data set that `--dataset` names, or MovieTweetings. */
export function movieDataset(name = 'movietweetings'): MovieDataset {
  if (name in loaders) return name as MovieDataset
  const names = Object.keys(loaders).join(' or ')
  throw new Error(`--dataset: got '${name}'; expected ${names}.`)
}

/**
 * Loads the split of the example: 10-core, then 70/10/20 of each user's history in order of time.
 */
export async function loadMovieSplit(name: MovieDataset): Promise<Split> {
  const { interactions } = await loaders[name]()
  const core = filterMinInteractions(dropDuplicates(interactions), {
    minPerUser: 10,
    minPerItem: 10,
  })
  return temporalSplit(core, { scope: 'user', ratios: [0.7, 0.1, 0.2] })
}
