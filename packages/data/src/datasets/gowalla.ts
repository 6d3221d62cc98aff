import type { LoadOptions, SplitDataset } from './dataset.js'
import { type GivenSplit, loadGivenSplit } from './load-given-split.js'

const gowalla: GivenSplit = {
  name: 'gowalla',
  folder: 'gowalla',
  address: 'https://github.com/gusye1234/LightGCN-PyTorch/tree/master/data/gowalla',
  citation:
    'Eunjoon Cho, Seth A. Myers and Jure Leskovec. 2011. Friendship and Mobility: User Movement in Location-Based Social Networks. KDD 2011. Split: Xiang Wang et al. 2019. Neural Graph Collaborative Filtering. SIGIR 2019.',
  licence: 'No licence text is published; SNAP asks for the citation.',
  parts: [
    { part: 'train', file: 'train.txt', rows: 810_128 },
    { part: 'test', file: 'test.txt', rows: 217_242 },
  ],
  users: 29_858,
  items: 40_981,
}

/**
 * Loads Gowalla check-ins in the split of NGCF and LightGCN, from `train.txt` and `test.txt`.
 *
 * 810,128 training and 217,242 test pairs of 29,858 users and 40,981 places, without ratings and
 * times. The split is the publishers' (method `given`); its validation part is empty.
 *
 * @throws DatasetNotFoundError naming every folder looked at and the address to fetch it from
 * @throws DatasetMismatchError when the numbers above do not come out
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export function loadGowalla(options: LoadOptions = {}): Promise<SplitDataset<number, number>> {
  return loadGivenSplit('loadGowalla', gowalla, options)
}
