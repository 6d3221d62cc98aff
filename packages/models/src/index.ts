export type { BprMfOptions } from './bpr-mf/bpr-mf.js'
export { BprMf } from './bpr-mf/bpr-mf.js'
export type { ResolvedEmbeddingOptions } from './embedding-model.js'
export { EmbeddingModel } from './embedding-model.js'
export type { ForwardOptions, GraphModelClass, LossTerms, ScoreRule } from './graph-model.js'
export { GraphModel } from './graph-model.js'
export { LightGcn } from './light-gcn/light-gcn.js'
export type { LightGcnOptions } from './light-gcn/light-gcn-options.js'
export { batchL2 } from './losses/batch-l2.js'
export { bprLoss } from './losses/bpr-loss.js'
export type { EmbeddingOptions } from './model-options.js'
export { embeddingOptionsShape } from './model-options.js'
export { SerializationError } from './persistence/errors.js'
export type { HostTensor, TensorData } from './persistence/safetensors.js'
export type { ModelSource, ModelTarget } from './persistence/storage.js'
export { Popularity } from './popularity/popularity.js'
export { presets } from './training/presets.js'
export type {
  EarlyStoppingSettings,
  Preset,
  ScheduleSettings,
  TrainingSettings,
} from './training/training-settings.js'
