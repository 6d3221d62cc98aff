import { GnnRecError } from '@gnnrec/graph'
import { thrownMessage } from '@gnnrec/graph/kernels'

/** A mistake in an experiment's definition. */
export interface DefinitionProblem {
  /** Keys and positions that lead to the place, such as `['models', 0, 'options', 'layers']`. */
  readonly path: readonly (string | number)[]
  /** A sentence that says what is wrong and what is expected. */
  readonly message: string
  /** Line in the file, from 1; absent when the definition is an object. */
  readonly line?: number
}

/**
 * A file of an experiment with mistakes: a definition, results or a report. The message lists every
 * mistake with its line.
 *
 * @example
 * ```ts
 * import { ExperimentFileError, readExperimentFile } from '@gnnrec/experiments'
 *
 * try {
 *   await readExperimentFile('no-such-file.yaml')
 * } catch (error) {
 *   if (!(error instanceof ExperimentFileError)) throw error
 *   for (const { line, message } of error.problems) console.log(line, message)
 * }
 * ```
 */
export class ExperimentFileError extends GnnRecError<'EXPERIMENT_FILE'> {
  /** Path of the file. */
  readonly file: string
  /** The mistakes, at least one. */
  readonly problems: readonly DefinitionProblem[]

  constructor(
    file: string,
    problems: readonly DefinitionProblem[],
    options?: { readonly cause?: unknown },
  ) {
    const lines = problems.map(
      ({ line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
    )
    super('EXPERIMENT_FILE', lines.join('\n'), options)
    this.file = file
    this.problems = problems
  }
}

/**
 * A folder that a run cannot use: it has results of an earlier run, or cannot be written.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { ExperimentFolderError, ExperimentRunner } from '@gnnrec/experiments'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'run-'))
 * const file = join(folder, 'file')
 * await writeFile(file, 'This is not a folder.')
 * const runner = new ExperimentRunner({
 *   definition: {
 *     name: 'first',
 *     models: [{ model: 'popularity' }],
 *     datasets: [{ dataset: 'movietweetings' }],
 *     protocol: { metrics: ['recall@20'], selection: 'recall@20' },
 *   },
 *   folder: file,
 * })
 * try {
 *   await runner.run()
 * } catch (error) {
 *   console.log(error instanceof ExperimentFolderError && error.message)
 * }
 * await rm(folder, { recursive: true })
 * ```
 */
export class ExperimentFolderError extends GnnRecError<'EXPERIMENT_FOLDER'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EXPERIMENT_FOLDER', message, options)
  }
}

/**
 * A folder that another run is using.
 *
 * @example
 * ```ts no-run
 * import { ExperimentLockedError, ExperimentRunner, readExperimentFile } from '@gnnrec/experiments'
 *
 * const { definition, baseFolder } = await readExperimentFile('layers.yaml')
 * const options = { definition, baseFolder, folder: 'runs/layers' }
 * const first = new ExperimentRunner(options).run()
 * try {
 *   await new ExperimentRunner(options).run()
 * } catch (error) {
 *   console.log(error instanceof ExperimentLockedError && error.message)
 * }
 * await first
 * ```
 */
export class ExperimentLockedError extends GnnRecError<'EXPERIMENT_LOCKED'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EXPERIMENT_LOCKED', message, options)
  }
}

/**
 * A choice without a candidate that has a value on the validation part: all failed, or the budget was over before the
 * first was fitted. The message has the reason of each.
 *
 * @example
 * ```ts no-run
 * import { loadMovieTweetings, temporalSplit } from '@gnnrec/data'
 * import { choose, NothingChosenError } from '@gnnrec/experiments'
 *
 * const split = temporalSplit((await loadMovieTweetings()).interactions)
 * try {
 *   await choose(split, { budget: { seconds: 0.001 } })
 * } catch (error) {
 *   console.log(error instanceof NothingChosenError && error.message)
 * }
 * ```
 */
export class NothingChosenError extends GnnRecError<'NOTHING_CHOSEN'> {
  constructor(message: string) {
    super('NOTHING_CHOSEN', message)
  }
}

/**
 * A failure of Redis: it is down, went away or refuses, or the packages for it are not installed.
 *
 * @example
 * ```ts no-run
 * import { BullMqPool, RedisError } from '@gnnrec/experiments'
 *
 * try {
 *   await new BullMqPool({ url: 'redis://127.0.0.1:1' }).open()
 * } catch (error) {
 *   console.log(error instanceof RedisError && error.message)
 * }
 * ```
 */
export class RedisError extends GnnRecError<'REDIS'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('REDIS', message, options)
  }
}

/** Returns the message of anything that was thrown; the name of an error that is not of this library comes before it. */
export function messageOf(error: unknown): string {
  if (GnnRecError.isInstance(error)) return error.message
  const message = thrownMessage(error)
  return error instanceof Error ? `${error.name}: ${message}` : message
}
