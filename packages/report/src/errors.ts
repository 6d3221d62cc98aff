import { GnnRecError } from '@gnnrec/graph'

/** A report that could not be written; `cause` has the system's error. */
export class ReportFileError extends GnnRecError<'REPORT_FILE'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('REPORT_FILE', message, options)
  }
}
