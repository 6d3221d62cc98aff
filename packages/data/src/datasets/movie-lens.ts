import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { readCsv } from '../readers/read-csv.js'
import { readTitles } from '../readers/read-titles.js'
import { checkCounts, type Dataset } from './dataset.js'
import { findDataset } from './find-dataset.js'
import { type LoadOptions, parseLoadOptions } from './load-options.js'
import { type MovieLensName, movieLensSets } from './movie-lens-sets.js'

/**
 * Loads a MovieLens set from the publisher's files, which may be plain, gzip-compressed or in the
 * publisher's archive (`ml-1m.zip`). The archive is downloaded when no files are found.
 *
 * | name | ratings | titles | rows | users | items rated |
 * | --- | --- | --- | --- | --- | --- |
 * | `ml-latest-small` | `ratings.csv` | `movies.csv` | 100,836 | 610 | 9,724 |
 * | `ml-100k` | `u.data` | `u.item` | 100,000 | 943 | 1,682 |
 * | `ml-1m` | `ratings.dat`, else `ratings.ordered.tsv` | `movies.dat` | 1,000,209 | 6,040 | 3,706 |
 * | `ml-10m` | `ratings.dat` | `movies.dat` | 10,000,054 | 69,878 | 10,677 |
 * | `ml-20m` | `ratings.csv` | `movies.csv` | 20,000,263 | 138,493 | 26,744 |
 * | `ml-25m` | `ratings.csv` | `movies.csv` | 25,000,095 | 162,541 | 59,047 |
 * | `ml-32m` | `ratings.csv` | `movies.csv` | 32,000,204 | 200,948 | |
 *
 * The file `ratings.ordered.tsv` (user, movie, rating, position in the user's history) has no times: its
 * timestamps are the positions, and the result's `timestampUnit` says so. The result has no titles when
 * their file is missing.
 *
 * @example
 * ```ts no-run
 * import { loadMovieLens, temporalSplit } from '@gnnrec/data'
 *
 * const { interactions, titles } = await loadMovieLens('ml-latest-small')
 * console.log(titles?.get(1), temporalSplit(interactions).train.userIndex.length)
 * ```
 *
 * @throws DatasetNotFoundError when the files are nowhere and cannot be downloaded; the message names the
 * folders, the reason, and the address to fetch them from by hand
 * @throws DatasetMismatchError when the table has other numbers of rows, users or items
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function loadMovieLens(
  name: MovieLensName,
  options: LoadOptions = {},
): Promise<Dataset<number, number>> {
  const owner = 'loadMovieLens'
  const names = Object.keys(movieLensSets) as MovieLensName[]
  const set = movieLensSets[parseOptions(owner, z.enum(names), name)]
  const parsed = parseLoadOptions(owner, options)
  const { signal } = parsed
  const { files, find } = await findDataset(set, [Object.keys(set.ratings)], parsed)
  const { name: found, path, source } = files[0]
  const { form, timestampUnit } = set.ratings[found]
  const interactions = (await readCsv(source, {
    ...form,
    idType: 'number',
    signal,
  })) as InteractionTable<number, number>
  checkCounts(set, path, interactions, set.counts)
  const titles = await find([set.titles.file])
  return {
    name: set.name,
    interactions,
    ...(titles !== undefined && {
      titles: await readTitles(titles.source, { ...set.titles.form, signal }),
    }),
    timestampUnit,
    citation: set.citation,
    licence: set.licence,
  }
}
