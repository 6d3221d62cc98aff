import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import { z } from 'zod'
import { type CsvOptions, readCsv } from '../readers/read-csv.js'
import { readTitles, type TitlesFormat } from '../readers/read-titles.js'
import {
  checkCounts,
  type Dataset,
  type DatasetInfo,
  type LoadOptions,
  parseLoadOptions,
} from './dataset.js'
import { type DatasetPlace, findDataset, findFile } from './find-dataset.js'

/** The MovieLens sets that {@link loadMovieLens} knows. */
export type MovieLensName = 'latest-small' | '100k' | '1m'

type CsvForm = Omit<CsvOptions, 'signal'>

interface MovieLensSet extends DatasetInfo, DatasetPlace {
  readonly counts: { readonly rows: number; readonly users: number; readonly items: number }
  /** The forms in which ratings may lie in the folder by file name, best first. */
  readonly ratings: Readonly<
    Record<string, { readonly form: CsvForm; readonly timestampUnit: Dataset['timestampUnit'] }>
  >
  readonly titles: { readonly file: string; readonly form: TitlesFormat }
}

const citation =
  'F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872'

const researchOnly =
  'GroupLens terms: research use; neither commercial use nor redistribution without permission.'

const byPosition = { user: 0, item: 1, rating: 2, timestamp: 3 }

const unquoted = { header: false, quotes: false } as const

const sets: Readonly<Record<MovieLensName, MovieLensSet>> = {
  'latest-small': {
    name: 'ml-latest-small',
    folder: 'ml-latest-small',
    address: 'https://files.grouplens.org/datasets/movielens/ml-latest-small.zip',
    citation,
    licence:
      'GroupLens terms: not for commercial use without permission; may be redistributed under the same terms.',
    counts: { rows: 100_836, users: 610, items: 9_724 },
    ratings: {
      'ratings.csv': {
        form: {
          columns: { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' },
        },
        timestampUnit: 'seconds',
      },
    },
    titles: {
      file: 'movies.csv',
      form: { delimiter: ',', header: true, quotes: true, encoding: 'utf-8', columns: [0, 1] },
    },
  },
  '100k': {
    name: 'ml-100k',
    folder: 'ml-100k',
    address: 'https://files.grouplens.org/datasets/movielens/ml-100k.zip',
    citation,
    licence: researchOnly,
    counts: { rows: 100_000, users: 943, items: 1_682 },
    ratings: {
      'u.data': {
        form: { ...unquoted, delimiter: '\t', columns: byPosition },
        timestampUnit: 'seconds',
      },
    },
    titles: {
      file: 'u.item',
      form: { ...unquoted, delimiter: '|', encoding: 'latin1', columns: [0, 1] },
    },
  },
  '1m': {
    name: 'ml-1m',
    folder: 'ml-1m',
    address: 'https://files.grouplens.org/datasets/movielens/ml-1m.zip',
    citation,
    licence: researchOnly,
    counts: { rows: 1_000_209, users: 6_040, items: 3_706 },
    ratings: {
      'ratings.dat': {
        form: { ...unquoted, delimiter: '::', columns: byPosition },
        timestampUnit: 'seconds',
      },
      'ratings.ordered.tsv': {
        form: { ...unquoted, delimiter: '\t', columns: byPosition },
        timestampUnit: 'position-in-history',
      },
    },
    titles: {
      file: 'movies.dat',
      form: { ...unquoted, delimiter: '::', encoding: 'latin1', columns: [0, 1] },
    },
  },
}

/**
 * Loads a MovieLens set from the publisher's files, plain or gzip-compressed.
 *
 * | name | ratings | titles | rows | users | items rated |
 * | --- | --- | --- | --- | --- | --- |
 * | `latest-small` | `ratings.csv` | `movies.csv` | 100,836 | 610 | 9,724 |
 * | `100k` | `u.data` | `u.item` | 100,000 | 943 | 1,682 |
 * | `1m` | `ratings.dat`, else `ratings.ordered.tsv` | `movies.dat` | 1,000,209 | 6,040 | 3,706 |
 *
 * `ratings.ordered.tsv` (user, movie, rating, position in the user's history) has no times: its
 * timestamps are those positions, and the result's `timestampUnit` says so. Titles are left out when
 * their file is not there.
 *
 * @throws DatasetNotFoundError naming every folder looked at and the address to fetch it from
 * @throws DatasetMismatchError when the numbers above do not come out
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function loadMovieLens(
  name: MovieLensName,
  options: LoadOptions = {},
): Promise<Dataset<number, number>> {
  const set = sets[parseOptions('loadMovieLens', z.enum(['latest-small', '100k', '1m']), name)]
  const { directory, signal } = parseLoadOptions('loadMovieLens', options)
  const { folder, files } = await findDataset(set, [Object.keys(set.ratings)], directory)
  const { name: found, path } = files[0]
  const { form, timestampUnit } = set.ratings[found]
  const interactions = (await readCsv(path, {
    ...form,
    idType: 'number',
    signal,
  })) as InteractionTable<number, number>
  checkCounts(set, path, interactions, set.counts)
  const titles = await findFile(folder, [set.titles.file])
  return {
    name: set.name,
    interactions,
    ...(titles !== undefined && {
      titles: await readTitles(titles.path, { ...set.titles.form, signal }),
    }),
    timestampUnit,
    citation: set.citation,
    licence: set.licence,
  }
}
