export {
  BlockFileError,
  BlockFileMismatchError,
  DiskFullError,
  MemoryLimitError,
} from './errors.js'
export type { TrainWithinOptions } from './fit/fit-options.js'
export type { FittedModel } from './fit/fitted-model.js'
export { trainWithin } from './fit/train-within.js'
export type { OutOfCoreFilterOptions } from './out-of-core-filter.js'
export { OutOfCoreFilter } from './out-of-core-filter.js'
export type { OutOfCoreRankerOptions } from './out-of-core-ranker.js'
export { OutOfCoreRanker } from './out-of-core-ranker.js'
export type { OutOfCoreSvdOptions } from './svd/out-of-core-svd.js'
export { OutOfCoreSvd } from './svd/out-of-core-svd.js'
export { OutOfCoreModel } from './trained-model.js'
export { OutOfCoreTrainer } from './training/out-of-core-trainer.js'
export type { OutOfCoreTrainerOptions } from './training/trainer-options.js'
