export type { GraphSamplingSettings } from './batches/graph-sampling-options.js'
export { graphSamplingSchema } from './batches/graph-sampling-options.js'
export type { CheckpointSettings } from './checkpoints/checkpoint-options.js'
export {
  AlreadyFittedError,
  CheckpointError,
  CheckpointLockedError,
  CheckpointMismatchError,
  DegenerateModelError,
  ModelInTrainingError,
  TrainingLogError,
} from './errors.js'
export type { Finding } from './guards/finding.js'
export type { GuardSettings } from './guards/guard-options.js'
export { TensorGradients } from './in-memory/tensor-gradients.js'
export type { TrainingLogLine } from './log/training-log.js'
export { historyToCsv, parseTrainingLog } from './log/training-log.js'
export type { EarlyStoppingOptions } from './loop/early-stopping.js'
export { EarlyStopping } from './loop/early-stopping.js'
export { interruptSignal } from './loop/interrupt-signal.js'
export { TrainingLoop } from './loop/training-loop.js'
export type { Gradients, TrainingPort, TrainingState } from './loop/training-port.js'
export type { TrainingMemoryOptions } from './memory/estimate-training-memory.js'
export { estimateTrainingMemory } from './memory/estimate-training-memory.js'
export type { TrainingMemory } from './memory/training-memory.js'
export { TrainingTooLargeError } from './memory/training-too-large-error.js'
export type { AdagradOptions } from './optimizers/adagrad.js'
export { Adagrad } from './optimizers/adagrad.js'
export type { AdamOptions, LazyAdamOptions } from './optimizers/adam.js'
export { Adam, AdamW, LazyAdam } from './optimizers/adam.js'
export type { Optimizer } from './optimizers/optimizer.js'
export { optimizerFrom } from './optimizers/optimizer-from.js'
export type { SgdOptions } from './optimizers/sgd.js'
export { Sgd } from './optimizers/sgd.js'
export type { TrainerOptions } from './options/trainer-options.js'
export type { TrainingLoopOptions } from './options/training-loop-options.js'
export type { ProgressReporter } from './progress/progress-reporter.js'
export type { TrainingEvent } from './record/training-events.js'
export type { EpochRecord, TrainingHistory } from './record/training-history.js'
export * as schedules from './schedules/index.js'
export type { LearningRateSchedule } from './schedules/learning-rate-schedule.js'
export type { FitOptions } from './trainer.js'
export { Trainer } from './trainer.js'
