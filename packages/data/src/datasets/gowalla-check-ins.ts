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
 * Loads all check-ins of Gowalla as SNAP publishes them, `loc-gowalla_totalCheckins.txt`: about 6.44
 * million of 107,092 users from February 2009 to October 2010, times in seconds, without ratings.
 *
 * {@link loadGowalla} has the 10-core in the split of NGCF and LightGCN. A user may be at one place many
 * times: see {@link dropDuplicates}.
 *
 * @throws DatasetNotFoundError naming every folder looked at, why it could not be downloaded, and the
 * address to fetch it from by hand
 * @throws DatasetMismatchError when the number of users does not come out
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
