export { Baseline } from './baseline.js'
export { BprMf } from './bpr-mf/bpr-mf.js'
export type { BprMfOptions } from './bpr-mf/bpr-mf-options.js'
export { Dgr } from './dgr/dgr.js'
export { DgrObjective } from './dgr/dgr-objective.js'
export type { DgrOptions } from './dgr/dgr-options.js'
export { Ease, type EaseOptions } from './ease/ease.js'
export { EmbeddingModel, type ResolvedEmbeddingOptions } from './embedding-model.js'
export { Gcnii } from './gcnii/gcnii.js'
export type { GcniiOptions } from './gcnii/gcnii-options.js'
export { GraphModel } from './graph-model.js'
export { GroupShuffle } from './group-shuffle/group-shuffle.js'
export type { GroupShuffleOptions } from './group-shuffle/group-shuffle-options.js'
export { Ials } from './ials/ials.js'
export type { IalsOptions } from './ials/ials-options.js'
export { initializeTable } from './initialization.js'
export { ItemKnn, type ItemKnnOptions } from './item-knn/item-knn.js'
export { LayerGcn } from './layer-gcn/layer-gcn.js'
export type { LayerGcnOptions } from './layer-gcn/layer-gcn-options.js'
export { LightGcn } from './light-gcn/light-gcn.js'
export type { LightGcnOptions } from './light-gcn/light-gcn-options.js'
export * as losses from './losses/index.js'
export type { LossOption, LossSettings } from './losses/loss-settings.js'
export type { LossFunction } from './losses/own-loss.js'
export type { WeightedTerms } from './losses/ranking-loss.js'
export type {
  ForwardOptions,
  LossTerms,
  PrepareOptions,
  SampledPropagation,
  ScoreRule,
} from './model-contract.js'
export { type EmbeddingOptions, embeddingOptionsShape } from './model-options.js'
export type { BatchForward } from './objective/batch-rows.js'
export { type ObjectiveSettings, RankingObjective } from './objective/ranking-objective.js'
export { NotPreparedError, SampledGraphUnsupportedError } from './parameters/errors.js'
export type { TensorDescription } from './parameters/model-tensors.js'
export { ModelTooLargeError } from './parameters/model-too-large-error.js'
export { Popularity } from './popularity/popularity.js'
export { Random, type RandomOptions } from './random/random.js'
export type { ModelCapabilities, ModelClass, RecommenderModel } from './registry/model-class.js'
export { ModelRegistry, type ModelSettings } from './registry/model-registry.js'
export { models } from './registry/models.js'
export { Rp3Beta, type Rp3BetaOptions } from './rp3-beta/rp3-beta.js'
export { Sansa, type SansaOptions } from './sansa/sansa.js'
export { Slim, type SlimOptions } from './slim/slim.js'
export type { CompileFilterOptions } from './spectral-filter/compile-filter.js'
export { SpectralFilter } from './spectral-filter/spectral-filter.js'
export type { SpectralFilterOptions } from './spectral-filter/spectral-filter-options.js'
export { SvdGcn } from './svd-gcn/svd-gcn.js'
export type { SvdGcnOptions } from './svd-gcn/svd-gcn-options.js'
export { UnknownPresetError } from './training/errors.js'
export type {
  EarlyStoppingSettings,
  OptimizerSettings,
  Preset,
  ScheduleSettings,
  TrainingSettings,
} from './training/training-settings.js'
export { UserKnn, type UserKnnOptions } from './user-knn/user-knn.js'
