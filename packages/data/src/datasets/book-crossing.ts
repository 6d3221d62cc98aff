import type { SplitDataset } from './dataset.js'
import { type GivenSplit, loadGivenSplit } from './load-given-split.js'
import type { LoadOptions } from './load-options.js'

const bookCrossing: GivenSplit = {
  name: 'book-crossing-6754x13670',
  folder: 'book-crossing-6754x13670',
  address: 'https://github.com/nemat-gholinejad/DisentanglingPopularityQuality (data/bookcrossing)',
  citation:
    'Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan and Georg Lausen. 2005. Improving Recommendation Lists Through Topic Diversification. WWW 2005.',
  licence: 'No licence text is published with this subset.',
  parts: [
    {
      part: 'train',
      file: 'train.txt',
      rows: 262_228,
      sha256: '54fb8eb943b0fe01569723d4581244aaaa5c20d7d13493e70a93c72125da26cb',
    },
    {
      part: 'validation',
      file: 'val.txt',
      rows: 37_308,
      sha256: '18a37c8cd7b329c056eba6f9992786016a46a1abe66d840b95ff383042df3ce7',
    },
    {
      part: 'test',
      file: 'test.txt',
      rows: 74_789,
      sha256: 'fa2771006860c16717179b18c416dcc244c8f6a1beb5f09784c2ebb96c67c9eb',
    },
  ],
  filesAddress:
    'https://raw.githubusercontent.com/nemat-gholinejad/DisentanglingPopularityQuality/31d8478ea038f21a9227cfd0ac190f3b92bf9053/data/bookcrossing',
  users: 6_754,
  items: 13_670,
}

/**
 * Loads a published 10-core of Book-Crossing, in which every user and every book has at least ten pairs,
 * from `train.txt`, `val.txt` and `test.txt`. The split is the published one.
 *
 * There are 262,228 training, 37,308 validation and 74,789 test pairs of 6,754 users and 13,670 books,
 * without ratings and times. The books have consecutive numbers in place of ISBNs.
 *
 * @example
 * ```ts no-run
 * import { loadBookCrossing } from '@gnnrec/data'
 *
 * const { split } = await loadBookCrossing()
 * console.log(split.train.userIndex.length, 'training pairs')
 * ```
 *
 * @throws DatasetNotFoundError when the files are nowhere and cannot be downloaded; the message names the
 * folders, the reason, and the address to fetch them from by hand
 * @throws DatasetMismatchError when the split has other numbers of pairs, users or items
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export function loadBookCrossing(options: LoadOptions = {}): Promise<SplitDataset<number, number>> {
  return loadGivenSplit('loadBookCrossing', bookCrossing, options)
}
