import { createSplit } from '@gnnrec/graph'
import { type SplitLoaders, splitLoaders, tenthForValidation } from '../trials/named-splits.js'

/** Loaders of the data sets that a model is chosen for, by name. */
export const chooseDatasets: SplitLoaders = {
  ...splitLoaders,
  // The published split has no validation part: a tenth of each user's train part takes its place.
  gowalla: async () => {
    const { train: published, test, method } = await splitLoaders.gowalla()
    const { train, validation } = tenthForValidation(published)
    return createSplit({ train, validation, test, method })
  },
}
