import { loadBookCrossing, loadGowalla, randomSplit } from '@gnnrec/data'
import { createSplit, type Split } from '@gnnrec/graph'
import { loadMl1mSplit } from '../trials/ml1m-split.js'
import { loadMovieSplit } from '../trials/movie-split.js'

/** Loaders of the data sets that a model is chosen for, by name. */
export const chooseDatasets: Readonly<Record<string, () => Promise<Split>>> = {
  movietweetings: () => loadMovieSplit('movietweetings'),
  'ml-latest-small': () => loadMovieSplit('ml-latest-small'),
  'ml-1m': loadMl1mSplit,
  'book-crossing': async () => (await loadBookCrossing()).split,
  // The published split has no validation part: a tenth of each user's train part takes its place.
  gowalla: async () => {
    const { split } = await loadGowalla()
    const ratios = [0.9, 0.1, 0] as const
    const { train, validation } = randomSplit(split.train, { scope: 'user', ratios, seed: 7 })
    return createSplit({ train, validation, test: split.test, method: split.method })
  },
}
