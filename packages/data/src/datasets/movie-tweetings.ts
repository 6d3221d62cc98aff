import type { InteractionTable } from '@gnnrec/graph'
import { readCsv } from '../readers/read-csv.js'
import { readTitles } from '../readers/read-titles.js'
import { checkCounts, type Dataset } from './dataset.js'

const info = {
  name: 'movietweetings-10core',
  citation:
    'Simon Dooms, Toon De Pessemier and Luc Martens. 2013. MovieTweetings: a Movie Rating Dataset Collected From Twitter. Workshop on Crowdsourcing and Human Computation for Recommender Systems (CrowdRec) at RecSys 2013.',
  licence: 'MIT, Copyright (c) 2013 Simon Dooms',
}

/**
 * Loads the bundled data set: the 10-core of the 100K snapshot of MovieTweetings. It needs no network
 * and no settings.
 *
 * There are 44,613 ratings from 0 to 10 with times in seconds, of 2,059 users and 1,099 films with
 * titles. Their licence is in the package's folder `assets/movietweetings`.
 *
 * @example
 * ```ts
 * import { describeTable, loadMovieTweetings } from '@gnnrec/data'
 *
 * const { interactions, titles } = await loadMovieTweetings()
 * console.log(describeTable(interactions), titles?.get(0))
 * ```
 */
export async function loadMovieTweetings(): Promise<Dataset<number, number>> {
  // A module of its own keeps the half megabyte out of programs that use other data.
  const { movieTweetingsFiles } = await import('./movie-tweetings-files.js')
  const files = await movieTweetingsFiles()
  const interactions = (await readCsv(files.ratings, {
    columns: { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' },
    idType: 'number',
  })) as InteractionTable<number, number>
  checkCounts(info, 'ratings.csv.gz', interactions, { rows: 44_613, users: 2_059, items: 1_099 })
  const titles = await readTitles(files.films, {
    delimiter: ',',
    header: true,
    encoding: 'utf-8',
    quotes: true,
    columns: [0, 2],
  })
  return { ...info, interactions, titles, timestampUnit: 'seconds' }
}
