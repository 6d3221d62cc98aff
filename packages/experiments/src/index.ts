export type { BullMqPoolOptions } from './bullmq/bullmq-pool.js'
export { BullMqPool } from './bullmq/bullmq-pool.js'
export type { BullMqWorkerOptions } from './bullmq/bullmq-worker.js'
export { BullMqWorker } from './bullmq/bullmq-worker.js'
export type {
  BudgetSettings,
  CsvDataset,
  DatasetEntry,
  ExperimentDefinition,
  ExperimentTraining,
  FilterSettings,
  JsonValue,
  KnownDataset,
  ModelEntry,
  ModelSetting,
  ProtocolSettings,
  SearchSettings,
  SearchSpace,
  SearchValues,
  SplitSettings,
} from './definition/experiment-definition.js'
export type { ExperimentFile } from './definition/read-definition.js'
export { readExperimentFile } from './definition/read-definition.js'
export type { DefinitionProblem } from './errors.js'
export {
  ExperimentFileError,
  ExperimentFolderError,
  ExperimentLockedError,
  RedisError,
} from './errors.js'
export type { Trial, TrialDataset, TrialModel, TrialProtocol } from './plan/trial.js'
export type { LocalPoolOptions } from './pool/local-pool.js'
export { LocalPool } from './pool/local-pool.js'
export type { TrialFailure, TrialOutcome } from './pool/outcome.js'
export type { TrialCall, TrialPool } from './pool/trial-pool.js'
export type {
  IgnoredKey,
  PredecessorExperiment,
  PredecessorFiles,
} from './predecessor/read-predecessor-files.js'
export { readPredecessorFiles } from './predecessor/read-predecessor-files.js'
export { toCsv } from './report/csv.js'
export type { LatexOptions } from './report/latex.js'
export { toLatex } from './report/latex.js'
export { toMarkdown } from './report/markdown.js'
export type {
  AdjustedPValue,
  PairedComparison,
  PairedComparisonOptions,
} from './report/paired-comparisons.js'
export { pairedComparisons } from './report/paired-comparisons.js'
export type { ResultTableOptions } from './report/result-table.js'
export { resultCsv, resultTable } from './report/result-table.js'
export type { GroupSummary, MetricSummary, ModelSummary } from './report/summary.js'
export { summarize } from './report/summary.js'
export type { Table, TableColumn } from './report/table.js'
export { readReport } from './results/report-file.js'
export { readResults } from './results/results-file.js'
export type {
  CompletedTrial,
  FailedTrial,
  TrialNames,
  TrialResult,
} from './results/trial-result.js'
export type { ExperimentRun } from './runner/experiment-run.js'
export type { ExperimentRunnerOptions } from './runner/experiment-runner.js'
export { ExperimentRunner } from './runner/experiment-runner.js'
export type { RunnerEvent } from './runner/runner-events.js'
export type { SearchRound } from './search/run-search.js'
export type { Measurements } from './trial/measurements.js'
export type { EpochReport } from './trial/train-trial.js'
export type { UserGroup, UserGroups } from './trial/user-groups.js'
