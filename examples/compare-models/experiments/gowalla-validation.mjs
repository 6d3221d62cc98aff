import { loadGowalla, randomSplit } from '@gnnrec/data'
import { createSplit } from '@gnnrec/graph'

/** Loads Gowalla with a tenth of each user's train part as validation part; the test part stays as it is. */
export async function loadDataset() {
  const { split } = await loadGowalla()
  const { train, validation } = randomSplit(split.train, {
    scope: 'user',
    ratios: [0.9, 0.1, 0],
    seed: 7,
  })
  const method = { name: 'gowalla, a tenth of train for validation' }
  return { split: createSplit({ train, validation, test: split.test, method }) }
}
