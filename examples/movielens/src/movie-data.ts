import {
  type Dataset,
  dropDuplicates,
  filterMinInteractions,
  loadMovieLens,
  loadMovieTweetings,
  temporalSplit,
} from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

export const datasetNames = ['movietweetings', 'ml-latest-small', 'ml-100k', 'ml-1m'] as const
export type MovieDataName = (typeof datasetNames)[number]

/** The preset of each model for a data set. */
export const presetNames: Readonly<Record<MovieDataName, string>> = {
  movietweetings: 'recommended',
  'ml-latest-small': 'movieLens',
  'ml-100k': 'movieLens',
  'ml-1m': 'movieLens',
}

/** A data set split into parts, with the titles of its films. */
export interface MovieData {
  dataset: Dataset
  split: Split
  titleOf(item: string | number): string
}

const loaders: Record<MovieDataName, () => Promise<Dataset>> = {
  movietweetings: () => loadMovieTweetings(),
  'ml-latest-small': () => loadMovieLens('ml-latest-small'),
  'ml-100k': () => loadMovieLens('ml-100k'),
  'ml-1m': () => loadMovieLens('ml-1m'),
}

/**
 * Loads and splits a data set. Every rating is a positive. Users and films with fewer than 10
 * ratings are removed until nothing changes (10-core). Of each user's history the first 70 % are
 * for training, the next 10 % for validation and the last 20 % for the test.
 */
export async function loadMovieData(name: MovieDataName): Promise<MovieData> {
  const dataset = await loaders[name]()
  const core = filterMinInteractions(dropDuplicates(dataset.interactions), {
    minPerUser: 10,
    minPerItem: 10,
  })
  return {
    dataset,
    split: temporalSplit(core, { scope: 'user', ratios: [0.7, 0.1, 0.2] }),
    titleOf: (item) => dataset.titles?.get(item) ?? `film ${item}`,
  }
}
