export { inspectFile, UnclearFileError } from '@gnnrec/data'
export { fromRecords, GnnRecError } from '@gnnrec/graph'
export type { Recommender } from '@gnnrec/serving'
export {
  DataTooLargeError,
  FolderExistsError,
  TooFewInteractionsError,
} from './errors.js'
export { load } from './load.js'
export type { DuckDbEvents, EventColumns, EventSource } from './reading/source.js'
export { train } from './train.js'
export type { Judgement } from './training/judge.js'
export type {
  ModelRequest,
  TrainOptions,
  TrainProgress,
  WarmStart,
} from './training/train-options.js'
export type {
  EventFacts,
  SaveResultOptions,
  TrainResult,
  WarmStartFacts,
} from './training/train-result.js'
