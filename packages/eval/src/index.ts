export { EmptySplitError } from './errors.js'
export { evaluate } from './evaluate.js'
export type { EvaluateOptions, EvaluationProgress } from './evaluate-options.js'
export type {
  EvaluationFlag,
  EvaluationProtocol,
  EvaluationReport,
  EvaluationReportJson,
} from './evaluation-report.js'
export { coverageAtK } from './metrics/coverage.js'
export { hitAtK } from './metrics/hit.js'
export type {
  ListAccumulator,
  ListMetric,
  Metric,
  MetricAtK,
  MetricContext,
  UserMetric,
  UserScorer,
} from './metrics/metric.js'
export { mrrAtK } from './metrics/mrr.js'
export { ndcgAtK } from './metrics/ndcg.js'
export { parseMetric } from './metrics/parse-metric.js'
export { precisionAtK } from './metrics/precision.js'
export { recallAtK } from './metrics/recall.js'
