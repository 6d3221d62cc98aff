export {
  BlockFileError,
  BlockFileMismatchError,
  DiskFullError,
  MemoryLimitError,
} from './errors.js'
export type { OutOfCoreModelSettings } from './models/resolve-model.js'
export { OutOfCoreModel } from './trained-model.js'
export { OutOfCoreTrainer } from './training/out-of-core-trainer.js'
export type {
  OutOfCoreCheckpointSettings,
  OutOfCoreTrainerOptions,
} from './training/trainer-options.js'
