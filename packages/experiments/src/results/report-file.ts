import { mkdir } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { type EvaluationReport, parseReport } from '@gnnrec/eval'
import { readRegularFile, replaceFile } from '@gnnrec/graph/files'
import { ExperimentFileError } from '../errors.js'

const name = 'report.json.gz'
/** Most bytes of a report, packed and unpacked, which is the longest text of JavaScript. */
const mostBytes = 2 ** 29 - 1024
/** Bytes that any report may unpack to. */
const harmlessBytes = 2 ** 20
/** Largest ratio of larger reports, which have a ratio of 3 to 30. A bomb has one close to 1032. */
const mostRatio = 250

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
    return parseReport(JSON.parse(await unpacked(await readRegularFile(file, { mostBytes }))))
  } catch (cause) {
    const message = `cannot be read as a report: ${(cause as Error).message}. Run its trial again.`
    throw new ExperimentFileError(file, [{ path: [], message }], { cause })
  }
}

/** Unpacks a text. @throws Error when it is damaged, or unpacks to far more bytes than reports do */
async function unpacked(packed: Uint8Array): Promise<string> {
  const most = Math.min(mostBytes, Math.max(harmlessBytes, packed.length * mostRatio))
  try {
    return (await promisify(gunzip)(packed, { maxOutputLength: most })).toString('utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause
    throw new Error(`it unpacks from ${packed.length} bytes to more than ${most}`, { cause })
  }
}
