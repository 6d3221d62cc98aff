export { Baseline } from './baseline.js'
export { BprMf } from './bpr-mf/bpr-mf.js'
export type { BprMfOptions } from './bpr-mf/bpr-mf-options.js'
export { Dgr } from './dgr/dgr.js'
export { DgrObjective, type DgrObjectiveSettings } from './dgr/dgr-objective.js'
export type {
  DgrOptions,
  DgrRegularization,
  MarginalTerm,
  SmoothProjection,
} from './dgr/dgr-options.js'
export type { EaseOptions } from './ease/ease.js'
export { Ease } from './ease/ease.js'
export type { ResolvedEmbeddingOptions } from './embedding-model.js'
export { EmbeddingModel } from './embedding-model.js'
export { Gcnii } from './gcnii/gcnii.js'
export type { GcniiOptions } from './gcnii/gcnii-options.js'
export { GraphModel } from './graph-model.js'
export { GroupShuffle } from './group-shuffle/group-shuffle.js'
export type {
  GroupShuffleOptions,
  GroupShufflePermutation,
} from './group-shuffle/group-shuffle-options.js'
export type { OrthogonalMap } from './group-shuffle/orthogonal-block.js'
export type { Initialization } from './initialization.js'
export { initializeTable } from './initialization.js'
export type { ItemKnnOptions } from './item-knn/item-knn.js'
export { ItemKnn } from './item-knn/item-knn.js'
export { LayerGcn } from './layer-gcn/layer-gcn.js'
export type { LayerGcnOptions, PruningSchedule } from './layer-gcn/layer-gcn-options.js'
export { LightGcn } from './light-gcn/light-gcn.js'
export type { LightGcnOptions } from './light-gcn/light-gcn-options.js'
export type { L2Convention } from './losses/batch-l2.js'
export { batchL2 } from './losses/batch-l2.js'
export type { BceOptions } from './losses/bce-loss.js'
export { bceLoss } from './losses/bce-loss.js'
export { bprLoss } from './losses/bpr-loss.js'
export { alignment, uniformity } from './losses/direct-au.js'
export { inBatchSoftmaxLoss } from './losses/in-batch-softmax.js'
export { logItemChances } from './losses/item-chances.js'
export type {
  BceLossSettings,
  BprLossSettings,
  DirectAuLossSettings,
  LossSettings,
  SampledSoftmaxLossSettings,
} from './losses/loss-settings.js'
export { autoTemperature } from './losses/loss-settings.js'
export type {
  LossInput,
  RankingLoss,
  WeightedTerm,
  WeightedTerms,
} from './losses/ranking-loss.js'
export type {
  BeginEpochOptions,
  ForwardOptions,
  LossTerms,
  ModelDescription,
  OtherItems,
  PrepareOptions,
  SampledOperator,
  SampledPropagation,
  ScoreRule,
} from './model-contract.js'
export type { EmbeddingOptions, RankingOptions } from './model-options.js'
export { embeddingOptionsShape, rankingOptionsShape } from './model-options.js'
export type { BatchForward } from './objective/batch-rows.js'
export { type ObjectiveSettings, RankingObjective } from './objective/ranking-objective.js'
export { NotPreparedError, SampledGraphUnsupportedError } from './parameters/errors.js'
export type { TensorDescription, TensorRole } from './parameters/model-tensors.js'
export type { ModelMemory } from './parameters/model-too-large-error.js'
export { ModelTooLargeError } from './parameters/model-too-large-error.js'
export { Popularity } from './popularity/popularity.js'
export type { RandomOptions } from './random/random.js'
export { Random } from './random/random.js'
export type { ModelCapabilities, ModelClass, RecommenderModel } from './registry/model-class.js'
export { ModelRegistry, type ModelSettings } from './registry/model-registry.js'
export { models } from './registry/models.js'
export { SvdGcn } from './svd-gcn/svd-gcn.js'
export type {
  SpectralSvdGcnOptions,
  SvdGcnOptions,
  TrainedSvdGcnOptions,
} from './svd-gcn/svd-gcn-options.js'
export { UnknownPresetError } from './training/errors.js'
export type {
  EarlyStoppingSettings,
  OptimizerSettings,
  Preset,
  ScheduleSettings,
  TrainingSettings,
} from './training/training-settings.js'
