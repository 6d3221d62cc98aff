import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import type { TrialResult } from './trial-result.js'

const name = 'results.jsonl'

const lineSchema = z.looseObject({
  status: z.enum(['completed', 'failed']),
  trial: z.string(),
  phase: z.enum(['search', 'test']),
  dataset: z.string(),
  model: z.string(),
  setting: z.string(),
  seed: z.number(),
})

/**
 * Reads `results.jsonl` of a runner's folder. A last line that a kill cut short is left out; of a trial
 * that was run again the last result counts.
 *
 * @returns by name of the trial, in the order of their ends; empty when there is no file
 * @throws ExperimentFileError naming the lines that are no results
 */
export async function readResults(folder: string): Promise<ReadonlyMap<string, TrialResult>> {
  const file = join(folder, name)
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    const message = `cannot be read: ${cause.message}.`
    throw new ExperimentFileError(file, [{ path: [], message }], { cause })
  })
  const results = new Map<string, TrialResult>()
  const problems: DefinitionProblem[] = []
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const [place, line] of lines.entries()) {
    if (line === '') continue
    const result = parseLine(line)
    if (!result) {
      problems.push({ path: [], message: 'this line is no result of a trial.', line: place + 1 })
      continue
    }
    results.delete(result.trial)
    results.set(result.trial, result)
  }
  if (problems.length > 0) throw new ExperimentFileError(file, problems)
  return results
}

function parseLine(line: string): TrialResult | undefined {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line))
    return parsed.success ? (parsed.data as unknown as TrialResult) : undefined
  } catch {
    return undefined
  }
}

/** Adds lines to `results.jsonl`; each is on the disk before the next. */
export class ResultsFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Opens the file, without a last line that a kill cut short. */
  static async open(folder: string): Promise<ResultsFile> {
    const handle = await open(join(folder, name), 'a+')
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
