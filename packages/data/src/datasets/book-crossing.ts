import type { LoadOptions, SplitDataset } from './dataset.js'
import { type GivenSplit, loadGivenSplit } from './load-given-split.js'

const bookCrossing: GivenSplit = {
  name: 'book-crossing-6754x13670',
  folder: 'book-crossing-6754x13670',
  address: 'https://github.com/nemat-gholinejad/DisentanglingPopularityQuality (data/bookcrossing)',
  citation:
    'Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan and Georg Lausen. 2005. Improving Recommendation Lists Through Topic Diversification. WWW 2005.',
  licence: 'No licence text is published with this subset.',
  parts: [
    { part: 'train', file: 'train.txt', rows: 262_228 },
    { part: 'validation', file: 'val.txt', rows: 37_308 },
    { part: 'test', file: 'test.txt', rows: 74_789 },
  ],
  users: 6_754,
  items: 13_670,
}

/**
 * Loads the 10-core subset of Book-Crossing from `train.txt`, `val.txt` and `test.txt`.
 *
 * 262,228 training, 37,308 validation and 74,789 test pairs of 6,754 users and 13,670 books, whose
 * ids are renumbered (no ISBNs), without ratings and times. The split is as given there.
 *
 * @throws DatasetNotFoundError naming every folder looked at and the address to fetch it from
 * @throws DatasetMismatchError when the numbers above do not come out
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export function loadBookCrossing(options: LoadOptions = {}): Promise<SplitDataset<number, number>> {
  return loadGivenSplit('loadBookCrossing', bookCrossing, options)
}
