import { replaceFile } from '@gnnrec/graph/files'
import { createReport } from './create-report.js'
import { ReportFileError } from './errors.js'
import type { ReportOptions } from './report-options.js'

/** Where a report lies. */
export interface WrittenReport {
  /** Path of the page. */
  readonly html: string
  /** Path of the Markdown. */
  readonly markdown: string
}

/**
 * Writes `report.html` and `report.md` into a folder, which is made where it is missing. Each file is
 * renamed into place, so that a reader sees the old one or the new one. Needs Node.js.
 *
 * @throws ReportFileError when the folder cannot be written, or outside Node.js
 * @throws InvalidOptionsError, ShapeMismatchError as `createReport`
 */
export async function writeReport(folder: string, options: ReportOptions): Promise<WrittenReport> {
  const { html, markdown } = await createReport(options)
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new ReportFileError(
      'There is no file system here, so the report cannot be written; take its texts from createReport.',
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
