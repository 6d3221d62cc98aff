import type { SplitDataset } from './dataset.js'
import { type GivenSplit, loadGivenSplit } from './load-given-split.js'
import type { LoadOptions } from './load-options.js'

const gowalla: GivenSplit = {
  name: 'gowalla',
  folder: 'gowalla',
  address: 'https://github.com/gusye1234/LightGCN-PyTorch/tree/master/data/gowalla',
  citation:
    'Eunjoon Cho, Seth A. Myers and Jure Leskovec. 2011. Friendship and Mobility: User Movement in Location-Based Social Networks. KDD 2011. Split: Xiang Wang et al. 2019. Neural Graph Collaborative Filtering. SIGIR 2019.',
  licence: 'No licence text is published; SNAP asks for the citation.',
  parts: [
    {
      part: 'train',
      file: 'train.txt',
      rows: 810_128,
      sha256: '7244696fdeb23911319cf7b689f2e15a3c4c92549c873a5677b44e3f13cc3e62',
    },
    {
      part: 'test',
      file: 'test.txt',
      rows: 217_242,
      sha256: '099a2a73924e4b754dc6efd730d764f492321b53c38eb93298850c83acf57be3',
    },
  ],
  filesAddress:
    'https://raw.githubusercontent.com/gusye1234/LightGCN-PyTorch/947ca2b3b1d2d3545b114145710cb06c4e57b3d2/data/gowalla',
  users: 29_858,
  items: 40_981,
}

/**
 * Loads Gowalla check-ins in the split that the papers of NGCF and LightGCN use, from `train.txt` and
 * `test.txt`.
 *
 * There are 810,128 training and 217,242 test pairs of 29,858 users and 40,981 places, without ratings
 * and times. The validation part is empty.
 *
 * @example
 * ```ts no-run
 * import { loadGowalla } from '@gnnrec/data'
 *
 * const { split } = await loadGowalla()
 * console.log(split.train.userIndex.length, 'training pairs')
 * ```
 *
 * @throws DatasetNotFoundError when the files are nowhere and cannot be downloaded; the message names the
 * folders, the reason, and the address to fetch them from by hand
 * @throws DatasetMismatchError when the split has other numbers of pairs, users or items
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export function loadGowalla(options: LoadOptions = {}): Promise<SplitDataset<number, number>> {
  return loadGivenSplit('loadGowalla', gowalla, options)
}
