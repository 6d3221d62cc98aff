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
   * The treatment of rows with rating 0. In this data set a 0 says that a reader had the book but did
   * not rate it; it is not the worst mark. `'keep'` keeps these rows with rating 0; `'drop'` keeps only
   * ratings from 1 to 10.
   *
   * @defaultValue `'keep'`
   */
  zeroRatings?: 'keep' | 'drop' | undefined
  /** A signal that stops the reading early. */
  signal?: AbortSignal | undefined
}

const schema = z.strictObject({
  zeroRatings: z.enum(['keep', 'drop']).default('keep'),
  signal: z.instanceof(AbortSignal).optional(),
})

/** The form in which MySQL exports a table: `;` between fields, Latin-1, quotes escaped by a backslash. */
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
 * Reads the file `BX-Book-Ratings.csv` of Book-Crossing as it was published: the columns `"User-ID"`,
 * `"ISBN"` and `"Book-Rating"`, separated by `;`, in Latin-1, without times.
 *
 * User ids become numbers. ISBNs stay strings and keep their leading zeros (`"034545104X"`). To keep
 * both the well rated rows and the rows without a rating, pass `implicitRating: 0` to
 * {@link filterRating}.
 *
 * @example
 * ```ts
 * import { readBookCrossing } from '@gnnrec/data'
 *
 * const text = '"User-ID";"ISBN";"Book-Rating"\n"7";"034545104X";"0"\n"9";"034545104X";"8"\n'
 * const table = await readBookCrossing({ text }, { zeroRatings: 'drop' })
 * console.log(table.users.ids, table.rating)
 * ```
 *
 * @throws FileFormatError, FileReadError, InvalidOptionsError for the reasons given at {@link readCsv}
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
    // Copies in UTF-8 exist. Only a few broken ISBNs are not ASCII, so reading these as Latin-1 is harmless.
    mayBeUtf8: true,
    placesOf: (first, line) => placesOf(columns, first, true, opened.name, line),
  })) as InteractionTable<number, string>
  return zeroRatings === 'keep' ? table : filterRating(table, { atLeast: 1 })
}

/**
 * Loads all ratings of Book-Crossing from `BX-Book-Ratings.csv`, and the titles where `BX-Books.csv` is
 * present. The files are looked for in a folder `book-crossing` and in `book-crossing.zip`. They cannot
 * be downloaded, because the publisher's site is gone.
 *
 * The table has 1,149,780 rows of 105,283 users and 340,556 ISBNs, without times. 716,109 of the ratings
 * are 0; the option `zeroRatings` says what happens to them.
 *
 * @example
 * ```ts no-run
 * import { loadBookCrossingRatings } from '@gnnrec/data'
 *
 * const { interactions } = await loadBookCrossingRatings({ directory: 'data', zeroRatings: 'drop' })
 * console.log(interactions.users.size, 'users')
 * ```
 *
 * @throws DatasetNotFoundError when the files are in none of the folders; the message names them all
 * @throws DatasetMismatchError when the table has other numbers of rows, users or items
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
