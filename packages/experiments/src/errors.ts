import { GnnRecError } from '@gnnrec/graph'

/** A place in an experiment's definition where something is wrong. */
export interface DefinitionProblem {
  /** Keys and positions that lead to it: `['models', 0, 'options', 'layers']`. */
  readonly path: readonly (string | number)[]
  readonly message: string
  /** 1-based, where the definition came from a file. */
  readonly line?: number
}

/** A file of an experiment that is not YAML or does not say what it must; every problem with its line. */
export class ExperimentFileError extends GnnRecError<'EXPERIMENT_FILE'> {
  readonly file: string
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

/** The folder of a run cannot be used as it is: it has results of an earlier run, or cannot be written. */
export class ExperimentFolderError extends GnnRecError<'EXPERIMENT_FOLDER'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EXPERIMENT_FOLDER', message, options)
  }
}

/** Another run works in the folder. */
export class ExperimentLockedError extends GnnRecError<'EXPERIMENT_LOCKED'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EXPERIMENT_LOCKED', message, options)
  }
}

/** Redis cannot be used: it is down, went away, refuses, or the packages for it are not installed. */
export class RedisError extends GnnRecError<'REDIS'> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('REDIS', message, options)
  }
}
