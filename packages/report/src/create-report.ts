import { renderHtml } from './html/render-html.js'
import { renderMarkdown } from './markdown/render-markdown.js'
import { parseReportOptions } from './parse-report-options.js'
import type { ReportOptions } from './report-options.js'
import { accuracySection } from './sections/accuracy.js'
import { listsSection } from './sections/lists.js'
import { popularitySection } from './sections/popularity.js'
import { protocolSection } from './sections/protocol.js'
import { segmentsSection } from './sections/segments.js'
import { smoothingSection } from './sections/smoothing.js'
import { summarySection } from './sections/summary.js'
import { trainingSection } from './sections/training.js'
import { warningsOf } from './sections/warnings.js'
import { studyOf } from './study/study.js'

/** One report, written twice. */
export interface Report {
  /** A whole page without scripts that asks for nothing: plots are SVG, for light and dark. */
  readonly html: string
  /** The same facts in GitHub's Markdown, with tables for plots. */
  readonly markdown: string
}

/**
 * Makes a report of one or more models: which is best and how sure that is, training, metrics with
 * intervals, metrics against K, accuracy against coverage, over-smoothing by layer, recall by bucket,
 * popularity, lists of users, protocol and environment. What there is no data for is left out.
 *
 * Models are compared only where `compareReports` of `@gnnrec/eval` would; where protocols differ, the report
 * says in what. All texts are escaped. The same options give the same bytes.
 *
 * @throws InvalidOptionsError when an option is wrong, a report is none or has a value that is not
 * finite, a name comes twice, or the deciding metric is missing
 * @throws ShapeMismatchError when counts of items differ in length
 */
export async function createReport(options: ReportOptions): Promise<Report> {
  const checked = parseReportOptions('createReport', options)
  const study = studyOf(checked)
  const report = {
    title: checked.title,
    description: checked.description,
    warnings: warningsOf(study),
    sections: [
      summarySection(study),
      trainingSection(study),
      accuracySection(study),
      smoothingSection(study),
      segmentsSection(study),
      popularitySection(study),
      listsSection(study),
      protocolSection(study),
    ].filter((section) => section !== undefined),
  }
  return { html: await renderHtml(report), markdown: renderMarkdown(report) }
}
