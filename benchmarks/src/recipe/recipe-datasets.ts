import { loadBookCrossing, loadGowalla, randomSplit } from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'
import { loadMl1mSplit } from '../trials/ml1m-split.js'
import { loadMovieSplit } from '../trials/movie-split.js'

const loaders: Readonly<Record<string, () => Promise<Split>>> = {
  movietweetings: () => loadMovieSplit('movietweetings'),
  'ml-latest-small': () => loadMovieSplit('ml-latest-small'),
  'book-crossing': async () => (await loadBookCrossing()).split,
  'ml-1m': loadMl1mSplit,
  // The test part is not read: a tenth of each user's train part is the validation part.
  gowalla: async () => {
    const { split } = await loadGowalla()
    return randomSplit(split.train, { scope: 'user', ratios: [0.9, 0.1, 0], seed: 7 })
  },
}

/** Data sets on which the recipe was chosen. */
export const recipeDatasets = Object.keys(loaders)

/**
 * Loads a data set by its name.
 *
 * @throws Error when there is no such data set
 */
export function loadRecipeSplit(name: string): Promise<Split> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined
  if (load) return load()
  throw new Error(`--dataset: got '${name}'; expected one of ${recipeDatasets.join(', ')}.`)
}
