import { type InteractionTable, parseOptions } from '@gnnrec/graph'
import * as z from 'zod'
import { filterRating } from '../filters/filter-rating.js'
import { placesOf } from '../readers/column-places.js'
import { readDelimited } from '../readers/read-delimited.js'
import { readTextTitles } from '../readers/read-titles.js'
import { type FileSource, openSource } from '../sources/file-source.js'
import { checkCounts, type Dataset } from './dataset.js'
import { findDataset } from './find-dataset.js'
import { type LoadOptions, parseLoadOptions } from './load-options.js'

/** Options of {@link readBookCrossing}. */
export interface BookCrossingOptions {
  /**
   * Rating 0 says that a reader had the book and did not rate it: an implicit positive, not the worst
   * mark. `'keep'`: such rows stay, with rating 0. `'drop'`: only ratings from 1 to 10 stay. Default
   * `'keep'`.
   */
  zeroRatings?: 'keep' | 'drop' | undefined
  /** Ends the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  zeroRatings: z.enum(['keep', 'drop']).default('keep'),
  signal: z.instanceof(AbortSignal).optional(),
})

/** The export of a MySQL table: `;`, Latin-1, quotes escaped by a backslash. */
const form = { delimiter: ';', encoding: 'latin1', quotes: true, escape: '\\' } as const

const rawBookCrossing = {
  name: 'book-crossing',
  folder: 'book-crossing',
  address:
    'http://www2.informatik.uni-freiburg.de/~cziegler/BX/BX-CSV-Dump.zip (no longer there; take a copy of it)',
  citation:
    'Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan and Georg Lausen. 2005. Improving Recommendation Lists Through Topic Diversification. WWW 2005.',
  licence: 'Freely available for research use when acknowledged.',
  // The publisher's site is no longer there.
  downloads: [],
}

/**
 * Reads `BX-Book-Ratings.csv` as published: `"User-ID";"ISBN";"Book-Rating"`, Latin-1, without times.
 *
 * Ids of users are numbers, ISBNs are strings as they stand (`"034545104X"`, with leading zeros).
 * To keep what is rated well and what is not rated at all, pass `implicitRating: 0` to
 * {@link filterRating}.
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError as {@link readCsv} does
 * @throws InvalidInteractionsError when every rating is 0 and `zeroRatings` is `'drop'`
 */
export async function readBookCrossing(
  source: FileSource,
  options: BookCrossingOptions = {},
): Promise<InteractionTable<number, string>> {
  const { zeroRatings, signal } = parseOptions('readBookCrossing', schema, options)
  const opened = await openSource(source, signal)
  const columns = { user: 'User-ID', item: 'ISBN', rating: 'Book-Rating' }
  const table = (await readDelimited(opened, {
    ...form,
    header: true,
    idType: { user: 'number', item: 'string' },
    // The few ISBNs that are not ASCII say little, and copies in UTF-8 go about.
    mayBeUtf8: true,
    placesOf: (first, line) => placesOf(columns, first, true, opened.name, line),
  })) as InteractionTable<number, string>
  return zeroRatings === 'keep' ? table : filterRating(table, { atLeast: 1 })
}

/**
 * Loads all of Book-Crossing from `BX-Book-Ratings.csv`, with titles if `BX-Books.csv` is there: in a
 * folder `book-crossing`, or in `book-crossing.zip`. Its publisher's site is no longer there.
 *
 * 1,149,780 rows of 105,283 users and 340,556 ISBNs, without times. 716,109 of the ratings are 0; see
 * {@link BookCrossingOptions.zeroRatings}.
 *
 * @throws DatasetNotFoundError naming every folder looked at and the address to fetch it from
 * @throws DatasetMismatchError when the numbers above do not come out
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function loadBookCrossingRatings(
  options: LoadOptions & BookCrossingOptions = {},
): Promise<Dataset<number, string>> {
  const owner = 'loadBookCrossingRatings'
  const { zeroRatings: wanted, ...rest } = options
  const { zeroRatings } = parseOptions(owner, schema, { zeroRatings: wanted })
  const parsed = parseLoadOptions(owner, rest)
  const { signal } = parsed
  const { files, find } = await findDataset(rawBookCrossing, [['BX-Book-Ratings.csv']], parsed)
  const [{ path, source }] = files
  const interactions = await readBookCrossing(source, { signal })
  checkCounts(rawBookCrossing, path, interactions, {
    rows: 1_149_780,
    users: 105_283,
    items: 340_556,
  })
  const books = await find(['BX-Books.csv'])
  const { name, citation, licence } = rawBookCrossing
  return {
    name,
    interactions:
      zeroRatings === 'drop' ? filterRating(interactions, { atLeast: 1 }) : interactions,
    ...(books !== undefined && {
      titles: await readTextTitles(books.source, {
        ...form,
        header: true,
        columns: [0, 1],
        signal,
      }),
    }),
    timestampUnit: 'none',
    citation,
    licence,
  }
}
