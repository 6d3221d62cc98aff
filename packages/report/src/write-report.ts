import { replaceFile } from '@gnnrec/graph/files'
import { createReport } from './create-report.js'
import { ReportFileError } from './errors.js'
import type { ReportOptions } from './report-options.js'

/** Paths of a written report. */
export interface WrittenReport {
  /** Path of the HTML page. */
  readonly html: string
  /** Path of the Markdown. */
  readonly markdown: string
}

/**
 * Writes a report into a folder as `report.html` and `report.md`. The folder is made if it is missing.
 * Each file is renamed into place, so that readers see either the old or the new file. Needs Node.js.
 *
 * @param folder - path of the folder
 * @param options - the same as those of `createReport`
 * @returns the paths of the two files
 * @throws ReportFileError when the folder cannot be written, and outside Node.js
 * @throws InvalidOptionsError, ShapeMismatchError as `createReport`
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { basename, join } from 'node:path'
 * import { evaluateLists } from '@gnnrec/eval'
 * import { fromRecords, splitRows } from '@gnnrec/graph'
 * import { writeReport } from '@gnnrec/report'
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
 * const folder = await mkdtemp(join(tmpdir(), 'report-'))
 * const { html, markdown } = await writeReport(folder, {
 *   title: 'Three films',
 *   models: [{ name: 'Popularity', evaluation: evaluateLists(lists, options) }],
 * })
 * console.log(basename(html), basename(markdown)) // report.html report.md
 * ```
 */
export async function writeReport(folder: string, options: ReportOptions): Promise<WrittenReport> {
  const { html, markdown } = await createReport(options)
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new ReportFileError(
      'There is no file system here, so the report cannot be written; use the texts that createReport returns.',
    )
  }
  const fs = load('node:fs/promises')
  const { join } = load('node:path')
  const paths = { html: join(folder, 'report.html'), markdown: join(folder, 'report.md') }
  try {
    await fs.mkdir(folder, { recursive: true })
    await replaceFile(paths.html, html)
    await replaceFile(paths.markdown, markdown)
  } catch (cause) {
    throw new ReportFileError(
      `Could not write the report to ${folder}: ${(cause as Error).message}. Choose a folder that can be written.`,
      { cause },
    )
  }
  return paths
}
