export type { Report } from './create-report.js'
export { createReport } from './create-report.js'
export { ReportFileError } from './errors.js'
export type { ReportHistory } from './report-history.js'
export type {
  ReportEnvironment,
  ReportItem,
  ReportItems,
  ReportModel,
  ReportOptions,
  ReportUser,
} from './report-options.js'
export type { WrittenReport } from './write-report.js'
export { writeReport } from './write-report.js'
