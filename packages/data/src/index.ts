export { loadBookCrossing } from './datasets/book-crossing.js'
export type { BookCrossingOptions } from './datasets/book-crossing-ratings.js'
export { loadBookCrossingRatings, readBookCrossing } from './datasets/book-crossing-ratings.js'
export type { Dataset, DatasetInfo, LoadOptions, SplitDataset } from './datasets/dataset.js'
export { loadGowalla } from './datasets/gowalla.js'
export type { MovieLensName } from './datasets/movie-lens.js'
export { loadMovieLens } from './datasets/movie-lens.js'
export { loadMovieTweetings } from './datasets/movie-tweetings.js'
export {
  DatasetMismatchError,
  DatasetNotFoundError,
  FileFormatError,
  FileReadError,
  MissingDependencyError,
} from './errors.js'
export { dropDuplicates } from './filters/drop-duplicates.js'
export type { FilterMinInteractionsOptions } from './filters/filter-min-interactions.js'
export { filterMinInteractions } from './filters/filter-min-interactions.js'
export type { FilterRatingOptions } from './filters/filter-rating.js'
export { filterRating } from './filters/filter-rating.js'
export type {
  ColumnRole,
  FileInspection,
  InspectedColumn,
  SuggestedReader,
} from './inspect/file-inspection.js'
export { inspectFile } from './inspect/inspect-file.js'
export type { LintSplitOptions } from './lint/lint-split.js'
export { lintSplit } from './lint/lint-split.js'
export type { SelectionEvaluation } from './lint/selection-findings.js'
export type { SplitFinding, SplitFindingCode } from './lint/split-finding.js'
export type { NamedColumns, NamedColumnsOptions } from './readers/named-columns.js'
export type { AmazonRatingsOptions } from './readers/read-amazon-ratings.js'
export { readAmazonRatings } from './readers/read-amazon-ratings.js'
export { readArrow } from './readers/read-arrow.js'
export type { CsvColumns, CsvOptions } from './readers/read-csv.js'
export { readCsv } from './readers/read-csv.js'
export { readGowallaCheckIns } from './readers/read-gowalla-check-ins.js'
export type { LightGcnLinesOptions } from './readers/read-light-gcn-lines.js'
export { readLightGcnLines } from './readers/read-light-gcn-lines.js'
export { readMovieLens } from './readers/read-movie-lens.js'
export { readMovieTweetings } from './readers/read-movie-tweetings.js'
export { readParquet } from './readers/read-parquet.js'
export type { RecBoleOptions } from './readers/read-rec-bole.js'
export { readRecBole } from './readers/read-rec-bole.js'
export { readRecords } from './readers/read-records.js'
export type { ReaderOptions } from './readers/reader-options.js'
export type { FileSource, ZipEntrySource } from './sources/file-source.js'
export type { LeaveLastOutOptions } from './splits/leave-last-out.js'
export { leaveLastOut } from './splits/leave-last-out.js'
export type { RandomSplitOptions } from './splits/random-split.js'
export { randomSplit } from './splits/random-split.js'
export type { SplitRatios, SplitRounding } from './splits/split-ratios.js'
export type { TemporalSplitOptions } from './splits/temporal-split.js'
export { temporalSplit } from './splits/temporal-split.js'
export type { TableDescription } from './tables/describe-table.js'
export { describeTable } from './tables/describe-table.js'
export type { IdType, IdTypes } from './tables/id-type.js'
