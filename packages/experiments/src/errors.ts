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
