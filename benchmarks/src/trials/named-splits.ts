import {
  DatasetNotFoundError,
  FileReadError,
  loadBookCrossing,
  loadGowalla,
  randomSplit,
} from '@gnnrec/data'
import type { InteractionTable, Split } from '@gnnrec/graph'
import { loadMl1mSplit } from './ml1m-split.js'
import { loadMovieSplit } from './movie-split.js'

/** Loaders of splits, by the name that `--dataset` takes. */
export type SplitLoaders = Readonly<Record<string, () => Promise<Split>>>

/** Loaders of the data sets that several entries use. Gowalla's published split has no validation part. */
export const splitLoaders = {
  movietweetings: () => loadMovieSplit('movietweetings'),
  'ml-latest-small': () => loadMovieSplit('ml-latest-small'),
  'book-crossing': async () => (await loadBookCrossing()).split,
  'ml-1m': loadMl1mSplit,
  gowalla: async () => (await loadGowalla()).split,
} satisfies SplitLoaders

/** Splits a tenth of each user's train part off for validation; the test part is empty. */
export function tenthForValidation(train: InteractionTable): Split {
  return randomSplit(train, { scope: 'user', ratios: [0.9, 0.1, 0], seed: 7 })
}

/**
 * Loads a split by its name.
 *
 * @throws Error when there is no such data set
 */
export function loadNamedSplit(loaders: SplitLoaders, name: string): Promise<Split> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined
  if (load) return load()
  throw new Error(`--dataset: got '${name}'; expected one of ${Object.keys(loaders).join(', ')}.`)
}

/**
 * Loads the split with a name, or without one all of them, one after the other. Those whose files are not there are
 * skipped with a line that says so.
 *
 * @throws Error when there is no such data set
 */
export async function* presentSplits(
  loaders: SplitLoaders,
  wanted: string | undefined,
): AsyncGenerator<{ readonly name: string; readonly split: Split }> {
  for (const name of wanted === undefined ? Object.keys(loaders) : [wanted]) {
    const split = await presentSplit(loaders, name)
    if (split) yield { name, split }
  }
}

async function presentSplit(loaders: SplitLoaders, name: string): Promise<Split | undefined> {
  try {
    return await loadNamedSplit(loaders, name)
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError || error instanceof FileReadError)) throw error
    console.error(`${name} is skipped: ${error.message}`)
    return undefined
  }
}
