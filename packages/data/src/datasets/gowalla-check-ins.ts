import type { InteractionTable } from '@gnnrec/graph'
import { readGowallaCheckIns } from '../readers/read-gowalla-check-ins.js'
import { checkCounts, type Dataset } from './dataset.js'
import { type DatasetPlace, findDataset } from './find-dataset.js'
import { type LoadOptions, parseLoadOptions } from './load-options.js'

const address = 'https://snap.stanford.edu/data/loc-gowalla_totalCheckins.txt.gz'

const checkIns: DatasetPlace & { readonly citation: string } = {
  name: 'gowalla-check-ins',
  folder: 'gowalla-check-ins',
  address,
  citation:
    'Eunjoon Cho, Seth A. Myers and Jure Leskovec. 2011. Friendship and Mobility: User Movement in Location-Based Social Networks. KDD 2011.',
  licence: 'No licence text is published; SNAP asks for the citation.',
  downloads: [{ address, file: 'loc-gowalla_totalCheckins.txt.gz', maxBytes: 5e8 }],
}

/**
 * Loads all check-ins of Gowalla from `loc-gowalla_totalCheckins.txt`, as SNAP publishes it.
 *
 * There are about 6.44 million check-ins of 107,092 users from February 2009 to October 2010, with times
 * in seconds and without ratings. A user may visit a place many times; {@link dropDuplicates} keeps one
 * visit. The 10-core in the split of NGCF and LightGCN is loaded by {@link loadGowalla}.
 *
 * @example
 * ```ts no-run
 * import { dropDuplicates, loadGowallaCheckIns } from '@gnnrec/data'
 *
 * const { interactions } = await loadGowallaCheckIns()
 * console.log(dropDuplicates(interactions).userIndex.length, 'visited places')
 * ```
 *
 * @throws DatasetNotFoundError when the file is nowhere and cannot be downloaded; the message names the
 * folders, the reason, and the address to fetch it from by hand
 * @throws DatasetMismatchError when the table has another number of users
 * @throws FileFormatError, FileReadError, InvalidOptionsError
 */
export async function loadGowallaCheckIns(
  options: LoadOptions = {},
): Promise<Dataset<number, number>> {
  const parsed = parseLoadOptions('loadGowallaCheckIns', options)
  const wanted = [['loc-gowalla_totalCheckins.txt', 'Gowalla_totalCheckins.txt']]
  const { files } = await findDataset(checkIns, wanted, parsed)
  const [{ path, source }] = files
  const interactions = (await readGowallaCheckIns(source, {
    signal: parsed.signal,
  })) as InteractionTable<number, number>
  checkCounts(checkIns, path, interactions, { users: 107_092 })
  const { name, citation, licence } = checkIns
  return { name, interactions, timestampUnit: 'seconds', citation, licence }
}
