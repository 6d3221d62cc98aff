export type { EarlyStoppingOptions, EarlyStoppingVerdict } from './early-stopping.js'
export { EarlyStopping } from './early-stopping.js'
export { AlreadyFittedError, DegenerateModelError } from './errors.js'
export type { AdamOptions } from './optimizers/adam.js'
export { Adam } from './optimizers/adam.js'
export type { Optimizer, OptimizerStepSettings } from './optimizers/optimizer.js'
export { optimizerFrom } from './optimizers/optimizer-from.js'
export { Sgd } from './optimizers/sgd.js'
export type { ProgressStyle } from './progress/create-reporter.js'
export type {
  EpochProgress,
  ProgressReporter,
  StepProgress,
  TrainingStart,
} from './progress/progress-reporter.js'
export { constant } from './schedules/constant.js'
export type { LearningRateSchedule, SchedulePosition } from './schedules/learning-rate-schedule.js'
export { scheduleFrom } from './schedules/schedule-from.js'
export type { WarmupCosineOptions } from './schedules/warmup-cosine.js'
export { warmupCosine } from './schedules/warmup-cosine.js'
export type { FitOptions } from './trainer.js'
export { Trainer } from './trainer.js'
export type { TrainerOptions } from './trainer-options.js'
export type {
  EpochRecord,
  GradientNormRecord,
  StopReason,
  TrainingHistory,
} from './training-history.js'
