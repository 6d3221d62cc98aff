export type { BullMqPoolOptions } from './bullmq/bullmq-pool.js'
export { BullMqPool } from './bullmq/bullmq-pool.js'
export type { BullMqWorkerOptions } from './bullmq/bullmq-worker.js'
export { BullMqWorker } from './bullmq/bullmq-worker.js'
export type { Choice, ChoiceRow } from './choose/choice.js'
export { choose } from './choose/choose.js'
export type { ChooseCandidate } from './choose/choose-candidates.js'
export type { ChooseOptions } from './choose/choose-options.js'
export type { ChooseProgress } from './choose/choose-progress.js'
export type {
  DatasetEntry,
  ExperimentDefinition,
  ModelEntry,
} from './definition/experiment-definition.js'
export { readExperimentFile } from './definition/read-definition.js'
export {
  ExperimentFileError,
  ExperimentFolderError,
  ExperimentLockedError,
  NothingChosenError,
  RedisError,
} from './errors.js'
export type { LocalPoolOptions } from './pool/local-pool.js'
export { LocalPool } from './pool/local-pool.js'
export { readPredecessorFiles } from './predecessor/read-predecessor-files.js'
export type { BestModel, RefitBestOptions } from './refit/refit-best.js'
export { refitBest } from './refit/refit-best.js'
export { toLatex } from './report/latex.js'
export { toMarkdown } from './report/markdown.js'
export type { PairedComparison, PairedComparisonOptions } from './report/paired-comparisons.js'
export { pairedComparisons } from './report/paired-comparisons.js'
export { resultCsv, resultTable } from './report/result-table.js'
export type { ModelSummary } from './report/summary.js'
export { summarize } from './report/summary.js'
export type { Table } from './report/table.js'
export { readReport } from './results/report-file.js'
export { readResults } from './results/results-file.js'
export type { CompletedTrial, TrialResult } from './results/trial-result.js'
export type { ExperimentRun } from './runner/experiment-run.js'
export type { ExperimentRunnerOptions } from './runner/experiment-runner.js'
export { ExperimentRunner } from './runner/experiment-runner.js'
