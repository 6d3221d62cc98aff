import type { InteractionTable } from '@gnnrec/graph'
import { assetsFolder } from '../assets-folder.js'
import { readCsv } from '../readers/read-csv.js'
import { readTitles } from '../readers/read-titles.js'
import { nodeModule } from '../sources/node-files.js'
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
 * titles. The files and their licence are in the package's folder `assets/movietweetings`.
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
  const folder = new URL('movietweetings/', assetsFolder)
  const ratings = new URL('ratings.csv.gz', folder)
  const interactions = (await readCsv(ratings, {
    columns: { user: 'user', item: 'item', rating: 'rating', timestamp: 'timestamp' },
    idType: 'number',
  })) as InteractionTable<number, number>
  const file = nodeModule('node:url').fileURLToPath(ratings)
  checkCounts(info, file, interactions, { rows: 44_613, users: 2_059, items: 1_099 })
  const titles = await readTitles(new URL('movies.csv.gz', folder), {
    delimiter: ',',
    header: true,
    encoding: 'utf-8',
    quotes: true,
    columns: [0, 2],
  })
  return { ...info, interactions, titles, timestampUnit: 'seconds' }
}
