import {
  dropDuplicates,
  filterMinInteractions,
  loadGowalla,
  readGowallaCheckIns,
  temporalSplit,
} from '@gnnrec/data'
import type { Split } from '@gnnrec/graph'

/** Users, places and check-ins, split into parts. */
export interface GowallaData {
  readonly name: string
  readonly split: Split
}

/**
 * Least number of check-ins of each user and place of the raw file, as in the split of LightGCN.
 */
const core = 10

/**
 * Loads the split of LightGCN's authors, or raw check-ins whose places are split by time for each
 * user: 70 % for training, 10 % for validation, 20 % for the test.
 */
export async function loadData(checkIns: string | undefined): Promise<GowallaData> {
  if (checkIns === undefined) {
    const { name, split } = await loadGowalla()
    return { name, split }
  }
  const visits = dropDuplicates(await readGowallaCheckIns(checkIns))
  const dense = filterMinInteractions(visits, { minPerUser: core, minPerItem: core })
  const split = temporalSplit(dense, { scope: 'user', ratios: [0.7, 0.1, 0.2] })
  return { name: `gowalla check-ins, ${core}-core`, split }
}
