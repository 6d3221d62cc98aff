export type { CacheStatistics } from './cache/block-cache.js'
export type { RowRange } from './cache/block-table.js'
export {
  BlockFileError,
  BlockFileMismatchError,
  DiskFullError,
  MemoryLimitError,
} from './errors.js'
export type { FitWay, TrainWithinOptions } from './fit/fit-options.js'
export type { FitDecision, FittedModel } from './fit/fitted-model.js'
export { type TrainWithinEvent, trainWithin } from './fit/train-within.js'
export type { OutOfCoreModelSettings } from './models/resolved-model.js'
export type { OutOfCoreFilterOptions } from './out-of-core-filter.js'
export { OutOfCoreFilter } from './out-of-core-filter.js'
export type { OutOfCoreRankerOptions, RankSettings } from './out-of-core-ranker.js'
export { OutOfCoreRanker } from './out-of-core-ranker.js'
export type { OutOfCoreRecommendOptions } from './serving/recommend-all.js'
export type { OutOfCoreSvdOptions } from './svd/out-of-core-svd.js'
export { OutOfCoreSvd } from './svd/out-of-core-svd.js'
export { OutOfCoreModel } from './trained-model.js'
export { OutOfCoreTrainer } from './training/out-of-core-trainer.js'
export type { OutOfCoreTrainerOptions } from './training/trainer-options.js'
