import { constants, type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { readRegularFile } from '@gnnrec/graph/files'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import { readResult } from './result-schema.js'
import type { TrialResult } from './trial-result.js'

const name = 'results.jsonl'
/** Most bytes of results, which is the longest text of JavaScript. */
const mostBytes = 2 ** 29 - 1024
/** Most lines that are named as no results. */
const mostProblems = 100

/**
 * Reads the results in a runner's folder. A last line that is incomplete because the run was killed is
 * left out. Of a trial that ran twice, the last result counts. Results of earlier data and settings are
 * among them; `run()` returns those of its own experiment alone. A metric that is no number is named in
 * `undefinedMetrics` and `warnings` of its result.
 *
 * @returns results by name of the trial, in the order in which trials ended; empty when there are none
 * @throws ExperimentFileError naming the lines of `results.jsonl` that are not results
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { readResults } from '@gnnrec/experiments'
 *
 * const result = {
 *   status: 'failed',
 *   trial: 'movietweetings--ease--seed-0',
 *   phase: 'test',
 *   dataset: 'movietweetings',
 *   model: 'ease',
 *   setting: '',
 *   seed: 0,
 *   seconds: 9,
 *   endedAt: '2026-01-01T00:00:00Z',
 *   failure: { kind: 'time-limit', message: 'The trial did not end within the 9 s of its budget.' },
 * }
 * const folder = await mkdtemp(join(tmpdir(), 'run-'))
 * await writeFile(join(folder, 'results.jsonl'), `${JSON.stringify(result)}\n`)
 * for (const [trial, { status }] of await readResults(folder)) console.log(trial, status)
 * await rm(folder, { recursive: true })
 * ```
 */
export async function readResults(folder: string): Promise<ReadonlyMap<string, TrialResult>> {
  const file = join(folder, name)
  const text = await textOf(file)
  const results = new Map<string, TrialResult>()
  const problems: DefinitionProblem[] = []
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const [place, line] of lines.entries()) {
    if (line === '') continue
    const read = parseLine(line)
    if ('mistakes' in read) {
      const message = `this line is not a result of a trial: ${read.mistakes.join('; ')}.`
      problems.push({ path: [], message, line: place + 1 })
      if (problems.length > mostProblems) break
      continue
    }
    results.delete(read.result.trial)
    results.set(read.result.trial, read.result)
  }
  if (problems.length > mostProblems) {
    const message = `more than ${mostProblems} lines are not results of trials; the first are listed.`
    throw new ExperimentFileError(file, [{ path: [], message }, ...problems.slice(0, mostProblems)])
  }
  if (problems.length > 0) throw new ExperimentFileError(file, problems)
  return results
}

async function textOf(file: string): Promise<string> {
  try {
    return Buffer.from(await readRegularFile(file, { mostBytes })).toString('utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    const problem = { path: [], message: `cannot be read: ${message}.` }
    throw new ExperimentFileError(file, [problem], { cause })
  }
}

function parseLine(line: string): ReturnType<typeof readResult> {
  try {
    return readResult(JSON.parse(line))
  } catch (error) {
    return { mistakes: [(error as Error).message] }
  }
}

/** A writer of `results.jsonl`; each line is on the disk before the next one is written. */
export class ResultsFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Opens the file and removes a last line that is incomplete. */
  static async open(folder: string): Promise<ResultsFile> {
    // A link would let results be appended to a file elsewhere.
    const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_RDWR } = constants
    const handle = await open(join(folder, name), O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR)
    const text = await handle.readFile()
    const whole = text.lastIndexOf(10) + 1
    if (whole < text.length) await handle.truncate(whole)
    return new ResultsFile(handle)
  }

  async append(result: TrialResult): Promise<void> {
    await this.#handle.appendFile(`${JSON.stringify(result)}\n`)
    await this.#handle.sync()
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
