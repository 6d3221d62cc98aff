import {
  type Dataset,
  loadBookCrossing,
  loadGowalla,
  loadMovieLens,
  loadMovieTweetings,
  type SplitDataset,
} from '@gnnrec/data'

type Load = () => Promise<Dataset | SplitDataset>

const withoutSplit: Readonly<Record<string, Load>> = {
  movietweetings: () => loadMovieTweetings(),
  'ml-latest-small': () => loadMovieLens('ml-latest-small'),
  'ml-100k': () => loadMovieLens('ml-100k'),
  'ml-1m': () => loadMovieLens('ml-1m'),
}

const withSplit: Readonly<Record<string, Load>> = {
  'book-crossing': () => loadBookCrossing(),
  gowalla: () => loadGowalla(),
}

/** Loaders of data sets by their names in experiments. */
export const knownDatasets: Readonly<Record<string, Load>> = { ...withoutSplit, ...withSplit }

/** The names of the known data sets. */
export const datasetNames: readonly string[] = Object.keys(knownDatasets)

/** The names of the data sets that come with a split. */
export const datasetsWithSplit: readonly string[] = Object.keys(withSplit)
