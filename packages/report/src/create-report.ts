import { readable } from './charts/readable-panels.js'
import { renderHtml } from './html/render-html.js'
import { renderMarkdown } from './markdown/render-markdown.js'
import { numbersOf } from './numbers.js'
import { parseReportOptions } from './parse-report-options.js'
import type { ReportOptions } from './report-options.js'
import { accuracySection } from './sections/accuracy.js'
import { glanceSection } from './sections/glance.js'
import { listsSection } from './sections/lists.js'
import { popularitySection } from './sections/popularity.js'
import { protocolSection } from './sections/protocol.js'
import { segmentsSection } from './sections/segments.js'
import { smoothingSection } from './sections/smoothing.js'
import { summarySection } from './sections/summary.js'
import { trainingSection } from './sections/training.js'
import { warningsOf } from './sections/warnings.js'
import { studyOf } from './study/study.js'

/** A report in two formats. */
export interface Report {
  /** A whole HTML page without scripts that loads nothing. Plots are SVG, for light and dark. */
  readonly html: string
  /** The same facts in GitHub's Markdown, with tables in place of plots. */
  readonly markdown: string
}

/**
 * Makes a report of one or more models: at a glance the data, the chosen model and what it beats, the best model with the evidence, training, metrics with
 * intervals, metrics against K, accuracy against coverage, over-smoothing by layer, recall by bucket,
 * popularity, lists of users, protocol and environment. Sections without data are left out.
 *
 * Models are compared only if `compareReports` of `@gnnrec/eval` accepts their evaluations. If protocols
 * differ, the report lists the differences. All texts are escaped. The same options give the same bytes.
 *
 * @throws InvalidOptionsError when an option is wrong, an evaluation is no report or has a value that is
 * not finite, a name comes twice, or the deciding metric is missing
 * @throws ShapeMismatchError when counts of items differ in length
 * @example
 * ```ts
 * import { evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { createReport } from '@gnnrec/report'
 *
 * const table = fromRecords([
 *   { user: 'ann', item: 'Alien' },
 *   { user: 'ann', item: 'Brazil' },
 *   { user: 'bob', item: 'Brazil' },
 *   { user: 'bob', item: 'Casablanca' },
 * ])
 * const split = splitRows(table, { train: [0, 2], validation: [], test: [1, 3] }, { name: 'given' })
 * const options = { split, on: 'test', metrics: ['ndcg@2', 'coverage@2'] } as const
 * const lists = [
 *   { user: 'ann', items: ['Brazil', 'Casablanca'] },
 *   { user: 'bob', items: ['Alien', 'Casablanca'] },
 * ]
 *
 * const { html, markdown } = await createReport({
 *   title: 'Three films',
 *   models: [{ name: 'Popularity', evaluation: evaluateLists(lists, options) }],
 * })
 * console.log(html.startsWith('<!doctype html>'), markdown.split('\n')[0]) // true # Three films
 * ```
 */
export async function createReport(options: ReportOptions): Promise<Report> {
  const checked = parseReportOptions('createReport', options)
  const study = studyOf(checked)
  const report = {
    title: checked.title,
    description: checked.description,
    warnings: warningsOf(study),
    numbers: numbersOf(study),
    sections: [
      glanceSection(study),
      summarySection(study),
      trainingSection(study),
      accuracySection(study),
      smoothingSection(study),
      segmentsSection(study),
      popularitySection(study),
      listsSection(study),
      protocolSection(study),
    ]
      .filter((section) => section !== undefined)
      .map((section) => ({ ...section, blocks: section.blocks.map(readable) })),
  }
  return { html: await renderHtml(report), markdown: renderMarkdown(report) }
}
