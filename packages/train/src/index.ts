export type { GraphSamplingSettings } from './batches/graph-sampling-options.js'
export type { CheckpointSettings, ResumeFrom } from './checkpoints/checkpoint-options.js'
export type { HeldFolder } from './checkpoints/hold-folder.js'
export { holdFolder } from './checkpoints/hold-folder.js'
export type { WrittenCheckpoint } from './checkpoints/written-checkpoint.js'
export {
  AlreadyFittedError,
  CheckpointError,
  CheckpointLockedError,
  CheckpointMismatchError,
  DegenerateModelError,
  TrainingLogError,
} from './errors.js'
export type { Finding, FindingLevel, GuardCode } from './guards/finding.js'
export type {
  GuardLevel,
  GuardSettings,
  PatientGuardCode,
  PatientGuardSettings,
} from './guards/guard-options.js'
export type { TrainingLogLine } from './log/training-log.js'
export { historyToCsv, parseTrainingLog } from './log/training-log.js'
export type {
  BestValue,
  EarlyStoppingOptions,
  EarlyStoppingVerdict,
} from './loop/early-stopping.js'
export { EarlyStopping } from './loop/early-stopping.js'
export type { TrainingMemoryOptions } from './memory/estimate-training-memory.js'
export { estimateTrainingMemory } from './memory/estimate-training-memory.js'
export type { TrainingMemory } from './memory/training-memory.js'
export { TrainingTooLargeError } from './memory/training-too-large-error.js'
export type { AdagradOptions } from './optimizers/adagrad.js'
export { Adagrad } from './optimizers/adagrad.js'
export type { AdamOptions, LazyAdamOptions } from './optimizers/adam.js'
export { Adam, AdamW, LazyAdam } from './optimizers/adam.js'
export type { Optimizer, OptimizerState, OptimizerStepSettings } from './optimizers/optimizer.js'
export { optimizerFrom } from './optimizers/optimizer-from.js'
export type { SgdOptions } from './optimizers/sgd.js'
export { Sgd } from './optimizers/sgd.js'
export type { TrainerOptions } from './options/trainer-options.js'
export type { ProgressStyle } from './progress/create-reporter.js'
export type {
  EpochProgress,
  ProgressReporter,
  StepProgress,
  TrainingStart,
} from './progress/progress-reporter.js'
export type { TrainingEvent } from './record/training-events.js'
export type {
  EpochRecord,
  GradientNormRecord,
  StopReason,
  TrainingHistory,
} from './record/training-history.js'
export type { SequencePart } from './schedules/compose.js'
export { product, sequence } from './schedules/compose.js'
export { constant } from './schedules/constant.js'
export type { CosineOptions, CosineRestartsOptions } from './schedules/cosine.js'
export { cosine, cosineRestarts } from './schedules/cosine.js'
export type { ExponentialDecayOptions, StepDecayOptions } from './schedules/decay.js'
export { exponentialDecay, stepDecay } from './schedules/decay.js'
export type {
  LearningRateSchedule,
  MonitoredHistory,
  SchedulePosition,
  ScheduleUnit,
} from './schedules/learning-rate-schedule.js'
export type { LinearWarmupOptions } from './schedules/linear-warmup.js'
export { linearWarmup } from './schedules/linear-warmup.js'
export type { ReduceOnPlateauOptions } from './schedules/reduce-on-plateau.js'
export { reduceOnPlateau } from './schedules/reduce-on-plateau.js'
export { scheduleFrom } from './schedules/schedule-from.js'
export type { WarmupCosineOptions } from './schedules/warmup-cosine.js'
export { warmupCosine } from './schedules/warmup-cosine.js'
export type { FitOptions } from './trainer.js'
export { Trainer } from './trainer.js'
