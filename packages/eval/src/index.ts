export { compare } from './comparison/compare.js'
export type {
  CompareOptions,
  Comparison,
  MetricComparison,
  PairedTests,
  TestResult,
} from './comparison/comparison.js'
export type { IgnorableField } from './comparison/protocol-differences.js'
export type { ProtocolDifference } from './comparison/protocol-mismatch-error.js'
export { ProtocolMismatchError } from './comparison/protocol-mismatch-error.js'
export { EmptySplitError, InvalidRankingError } from './errors.js'
export { evaluate } from './evaluate.js'
export type { EvaluateListsOptions, GivenList } from './evaluate-lists.js'
export { evaluateLists } from './evaluate-lists.js'
export type { EvaluateOptions, EvaluationProgress, JudgingOptions } from './evaluate-options.js'
export type {
  EvaluationFlag,
  EvaluationProtocol,
  EvaluationReport,
  EvaluationReportJson,
} from './evaluation-report.js'
export type { Flavour } from './flavours/flavour.js'
export { areaUnderCurve } from './metrics/auc.js'
export { averagePopularityAtK } from './metrics/average-popularity.js'
export { coverageAtK } from './metrics/coverage.js'
export type { EntropyUnit } from './metrics/entropy.js'
export { entropyAtK } from './metrics/entropy.js'
export { f1AtK } from './metrics/f1.js'
export { giniAtK } from './metrics/gini.js'
export { hitAtK } from './metrics/hit.js'
export { intraListDiversityAtK } from './metrics/intra-list-diversity.js'
export type { ItemStatistics, ItemVectors } from './metrics/item-statistics.js'
export type { MapDenominator } from './metrics/map.js'
export { mapAtK } from './metrics/map.js'
export type {
  ListAccumulator,
  ListMetric,
  Metric,
  MetricAtK,
  MetricContext,
  MetricTraits,
  UserMetric,
  UserRanking,
  UserScorer,
} from './metrics/metric.js'
export { mrrAtK } from './metrics/mrr.js'
export { ndcgAtK } from './metrics/ndcg.js'
export { noveltyAtK } from './metrics/novelty.js'
export { parseMetric } from './metrics/parse-metric.js'
export { personalizationAtK } from './metrics/personalization.js'
export { precisionAtK } from './metrics/precision.js'
export { recallAtK } from './metrics/recall.js'
export { recallCappedAtK } from './metrics/recall-capped.js'
export { tailShareAtK } from './metrics/tail-share.js'
export { parseReport } from './parse-report.js'
export type { CandidateSettings, CandidateStamp, SampledCandidates } from './protocol/candidates.js'
export type { Mask } from './protocol/mask.js'
export type { UserSelection } from './protocol/ranked-users.js'
export type { CandidateDistribution } from './protocol/sample-negatives.js'
export type {
  Segment,
  SegmentKind,
  SegmentOption,
  SegmentSettings,
  Segments,
} from './segments/segment-settings.js'
export type {
  DepthAdviceOptions,
  DepthTrial,
  LayeredModel,
  ReadableTensor,
} from './smoothing/depth-advice.js'
export { depthAdvice } from './smoothing/depth-advice.js'
export type { DepthAdvice, DepthProfile } from './smoothing/depth-profile.js'
export type { GraphMeasures } from './smoothing/graph-measures.js'
export type { MeasureSmoothingOptions, Smoothing } from './smoothing/measure-smoothing.js'
export { measureSmoothing } from './smoothing/measure-smoothing.js'
export type { NodeEmbeddings } from './smoothing/node-rows.js'
export type { CosineSpread, PairMeasures } from './smoothing/pair-measures.js'
export type { ReadOut } from './smoothing/read-out.js'
export type { SpectrumMeasures } from './smoothing/spectrum.js'
export type { PValueAdjustment } from './statistics/adjust-p-values.js'
export { adjustPValues } from './statistics/adjust-p-values.js'
export type { Alternative } from './statistics/alternative.js'
export type { EffectSizes } from './statistics/effect-sizes.js'
export { effectSizes } from './statistics/effect-sizes.js'
export type { PairedBootstrap, PairedBootstrapOptions } from './statistics/paired-bootstrap.js'
export { pairedBootstrap } from './statistics/paired-bootstrap.js'
export type { PairedTTest, PairedTTestOptions } from './statistics/paired-t-test.js'
export { pairedTTest } from './statistics/paired-t-test.js'
export type { PermutationTest, PermutationTestOptions } from './statistics/permutation-test.js'
export { permutationTest } from './statistics/permutation-test.js'
export type { WilcoxonOptions, WilcoxonSignedRank } from './statistics/wilcoxon.js'
export { wilcoxonSignedRank } from './statistics/wilcoxon.js'
