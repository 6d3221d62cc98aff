import { mkdir } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { type EvaluationReport, parseReport } from '@gnnrec/eval'
import { replaceFile } from '@gnnrec/graph/files'
import { ExperimentFileError } from '../errors.js'
import { readRegularFile } from '../files/read-regular-file.js'

const name = 'report.json.gz'
/** Most bytes that a report may unfold to, which is the longest text of JavaScript. */
const mostBytes = 2 ** 29 - 1024

/**
 * Writes a report with the values of every user into the folder of its trial.
 *
 * @returns path of the report, relative to the runner's folder
 */
export async function writeReport(
  report: EvaluationReport,
  root: string,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, name)
  await replaceFile(file, await promisify(gzip)(JSON.stringify(report)))
  return relative(root, file).split(sep).join('/')
}

/**
 * Reads the report of a trial, which holds the values of every user.
 *
 * @param folder - the runner's folder
 * @param path - the `report` of a result, relative to the folder
 * @throws ExperimentFileError when the file is missing, is outside the folder or is not a report
 *
 * @example
 * ```ts no-run
 * import { readReport, readResults } from '@gnnrec/experiments'
 *
 * for (const result of (await readResults('runs/layers')).values()) {
 *   if (result.status !== 'completed' || result.report === undefined) continue
 *   const { userIndices, perUser } = await readReport('runs/layers', result.report)
 *   console.log(result.model, userIndices.length, Object.keys(perUser))
 * }
 * ```
 */
export async function readReport(folder: string, path: string): Promise<EvaluationReport> {
  const file = join(folder, path)
  const inner = relative(folder, file)
  if (isAbsolute(path) || isAbsolute(inner) || inner.split(sep)[0] === '..') {
    const message = `is not inside ${folder}; expected the 'report' of a result there.`
    throw new ExperimentFileError(path, [{ path: [], message }])
  }
  try {
    const text = (
      await promisify(gunzip)(await readRegularFile(file, mostBytes), {
        maxOutputLength: mostBytes,
      })
    ).toString('utf8')
    return parseReport(JSON.parse(text))
  } catch (cause) {
    const message = `cannot be read as a report: ${(cause as Error).message}. Run its trial again.`
    throw new ExperimentFileError(file, [{ path: [], message }], { cause })
  }
}
