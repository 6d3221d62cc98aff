export { compareReports } from './comparison/compare-reports.js'
export type {
  CompareReportsOptions,
  Comparison,
  MetricComparison,
  PairedTests,
} from './comparison/comparison.js'
export type { ProtocolDifference } from './comparison/protocol-mismatch-error.js'
export { ProtocolMismatchError } from './comparison/protocol-mismatch-error.js'
export { EmptySplitError, InvalidRankingError } from './errors.js'
export { evaluate } from './evaluate.js'
export type { EvaluateListsOptions, GivenList } from './evaluate-lists.js'
export { evaluateLists } from './evaluate-lists.js'
export type { EvaluateOptions, EvaluationProgress } from './evaluate-options.js'
export type {
  EvaluationFlag,
  EvaluationProtocol,
  EvaluationReport,
  EvaluationReportJson,
} from './evaluation-report.js'
export type { Flavour } from './flavours/flavour.js'
export * as metrics from './metrics/built-in-metrics.js'
export type { ItemVectors } from './metrics/item-statistics.js'
export type {
  ListMetric,
  Metric,
  MetricAtK,
  MetricContext,
  UserMetric,
  UserRanking,
} from './metrics/metric.js'
export { parseMetric } from './metrics/parse-metric.js'
export { parseReport } from './parse-report.js'
export type { CandidateSettings } from './protocol/candidates.js'
export { degenerateShareLimit } from './protocol/degenerate-list.js'
export type { Segment, SegmentKind } from './segments/segment-settings.js'
export type { DepthAdviceOptions, LayeredModel } from './smoothing/depth-advice.js'
export { depthAdvice } from './smoothing/depth-advice.js'
export type { DepthAdvice, DepthProfile } from './smoothing/depth-profile.js'
export type { MeasureSmoothingOptions, Smoothing } from './smoothing/measure-smoothing.js'
export { measureSmoothing } from './smoothing/measure-smoothing.js'
export type { NodeEmbeddings } from './smoothing/node-rows.js'
export * as statistics from './statistics/index.js'
