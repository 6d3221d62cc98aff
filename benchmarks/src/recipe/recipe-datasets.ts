import type { Split } from '@gnnrec/graph'
import {
  loadNamedSplit,
  type SplitLoaders,
  splitLoaders,
  tenthForValidation,
} from '../trials/named-splits.js'

const loaders: SplitLoaders = {
  ...splitLoaders,
  // The test part is not read: a tenth of each user's train part is the validation part.
  gowalla: async () => tenthForValidation((await splitLoaders.gowalla()).train),
}

/** Data sets on which the recipe was chosen. */
export const recipeDatasets = Object.keys(loaders)

/**
 * Loads a data set by its name.
 *
 * @throws Error when there is no such data set
 */
export function loadRecipeSplit(name: string): Promise<Split> {
  return loadNamedSplit(loaders, name)
}
