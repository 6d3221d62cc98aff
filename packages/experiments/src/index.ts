export type {
  BudgetSettings,
  CsvDataset,
  DatasetEntry,
  ExperimentDefinition,
  FilterSettings,
  JsonValue,
  KnownDataset,
  KnownModel,
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
export { ExperimentFileError } from './errors.js'
export type {
  IgnoredKey,
  PredecessorExperiment,
  PredecessorFiles,
} from './predecessor/read-predecessor-files.js'
export { readPredecessorFiles } from './predecessor/read-predecessor-files.js'
