import type { CsvOptions } from '../readers/read-csv.js'
import type { TitlesFormat } from '../readers/read-titles.js'
import type { Dataset, DatasetInfo } from './dataset.js'
import type { DatasetPlace } from './find-dataset.js'

/** The names of the MovieLens sets that {@link loadMovieLens} loads. */
export type MovieLensName =
  | 'ml-latest-small'
  | 'ml-100k'
  | 'ml-1m'
  | 'ml-10m'
  | 'ml-20m'
  | 'ml-25m'
  | 'ml-32m'

/** The files of a MovieLens set and their forms. */
export interface MovieLensSet extends DatasetInfo, DatasetPlace {
  readonly counts: { readonly rows: number; readonly users: number; readonly items?: number }
  /** The form of each file that may hold the ratings, by file name, best first. */
  readonly ratings: Readonly<
    Record<
      string,
      {
        readonly form: Omit<CsvOptions, 'signal'>
        readonly timestampUnit: Dataset['timestampUnit']
      }
    >
  >
  readonly titles: { readonly file: string; readonly form: TitlesFormat }
}

const citation =
  'F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872'

const researchOnly =
  'GroupLens terms: research use; neither commercial use nor redistribution without permission.'

const sameTerms =
  'GroupLens terms: not for commercial use without permission; may be redistributed under the same terms.'

const byPosition = { user: 0, item: 1, rating: 2, timestamp: 3 }

const unquoted = { header: false, quotes: false } as const

const seconds = { timestampUnit: 'seconds' } as const

/** The form of all sets since 2015: `ratings.csv` and `movies.csv`. */
const csvForms = {
  ratings: {
    'ratings.csv': {
      ...seconds,
      form: {
        columns: { user: 'userId', item: 'movieId', rating: 'rating', timestamp: 'timestamp' },
      },
    },
  },
  titles: {
    file: 'movies.csv',
    form: { delimiter: ',', header: true, quotes: true, encoding: 'utf-8', columns: [0, 1] },
  },
} as const

const colonRatings = {
  ...seconds,
  form: { ...unquoted, delimiter: '::', columns: byPosition },
}

/** Returns the properties that all sets share: each is one archive on the publisher's server. */
function published(
  folder: string,
  maxBytes: number,
  digest: { md5?: string; md5Address?: string } = {},
) {
  const address = `https://files.grouplens.org/datasets/movielens/${folder}.zip`
  return {
    name: folder,
    folder,
    address,
    citation,
    downloads: [{ address, file: `${folder}.zip`, maxBytes, ...digest }],
  }
}

export const movieLensSets: Readonly<Record<MovieLensName, MovieLensSet>> = {
  // The publisher replaces this archive from time to time, so there is no digest, only the counts.
  'ml-latest-small': {
    ...published('ml-latest-small', 5e6),
    licence: sameTerms,
    counts: { rows: 100_836, users: 610, items: 9_724 },
    ...csvForms,
  },
  'ml-100k': {
    ...published('ml-100k', 2e7, { md5: '0e33842e24a9c977be4e0107933c0723' }),
    licence: researchOnly,
    counts: { rows: 100_000, users: 943, items: 1_682 },
    ratings: {
      'u.data': { ...seconds, form: { ...unquoted, delimiter: '\t', columns: byPosition } },
    },
    titles: {
      file: 'u.item',
      form: { ...unquoted, delimiter: '|', encoding: 'latin1', columns: [0, 1] },
    },
  },
  'ml-1m': {
    ...published('ml-1m', 2e7, { md5: 'c4d9eecfca2ab87c1945afe126590906' }),
    licence: researchOnly,
    counts: { rows: 1_000_209, users: 6_040, items: 3_706 },
    ratings: {
      'ratings.dat': colonRatings,
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
  'ml-10m': {
    ...published('ml-10m', 2e8, { md5: 'ce571fd55effeba0271552578f2648bd' }),
    licence: researchOnly,
    counts: { rows: 10_000_054, users: 69_878, items: 10_677 },
    ratings: { 'ratings.dat': colonRatings },
    titles: {
      file: 'movies.dat',
      form: { ...unquoted, delimiter: '::', encoding: 'utf-8', columns: [0, 1] },
    },
  },
  'ml-20m': {
    ...published('ml-20m', 5e8, { md5: 'cd245b17a1ae2cc31bb14903e1204af3' }),
    licence: sameTerms,
    counts: { rows: 20_000_263, users: 138_493, items: 26_744 },
    ...csvForms,
  },
  'ml-25m': {
    ...published('ml-25m', 6e8, { md5: '6b51fb2759a8657d3bfcbfc42b592ada' }),
    licence: sameTerms,
    counts: { rows: 25_000_095, users: 162_541, items: 59_047 },
    ...csvForms,
  },
  'ml-32m': {
    ...published('ml-32m', 6e8, {
      md5Address: 'https://files.grouplens.org/datasets/movielens/ml-32m.zip.md5',
    }),
    licence: sameTerms,
    // The number of rated films among its 87,585 films is not published.
    counts: { rows: 32_000_204, users: 200_948 },
    ...csvForms,
  },
}
