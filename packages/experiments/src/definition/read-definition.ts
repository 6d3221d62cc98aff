import { dirname, resolve } from 'node:path'
import { InvalidOptionsError } from '@gnnrec/graph'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import { checkDefinition } from './check-definition.js'
import { checkModels } from './check-models.js'
import { problemsOf } from './definition-problems.js'
import { type CheckedDefinition, definitionSchema } from './definition-schema.js'
import type { ExperimentDefinition } from './experiment-definition.js'
import { parseYaml, readText } from './yaml-source.js'

/** A definition that can be run, and what its paths are relative to. */
export interface CheckedExperiment {
  readonly definition: CheckedDefinition
  readonly baseFolder: string
}

/** What {@link readExperimentFile} gives. */
export interface ExperimentFile {
  readonly definition: ExperimentDefinition
  /** The folder of the file, which paths in it are relative to. */
  readonly baseFolder: string
}

/**
 * Reads an experiment from a YAML (or JSON) file and checks it: keys and types, names of models, data
 * sets and metrics, and options and training settings by making each model and its trainer once,
 * without training.
 *
 * @throws ExperimentFileError listing everything that is wrong, each with file and line
 */
export async function readExperimentFile(file: string): Promise<ExperimentFile> {
  const { definition, baseFolder } = await checkExperimentText(await readText(file), file)
  return { definition: definition as ExperimentDefinition, baseFolder }
}

/** As {@link readExperimentFile}, for text that is there already. */
async function checkExperimentText(text: string, file: string): Promise<CheckedExperiment> {
  const source = parseYaml(text, file)
  const baseFolder = dirname(resolve(file))
  const { definition, problems } = await findProblems(source.value, baseFolder)
  if (definition) return { definition, baseFolder }
  const located = problems.map((problem) => ({ ...problem, line: source.lineOf(problem.path) }))
  throw new ExperimentFileError(
    file,
    located.sort((a, b) => a.line - b.line),
  )
}

/**
 * Checks a definition that is an object as {@link readExperimentFile} checks a file.
 *
 * @throws InvalidOptionsError listing everything that is wrong, each with its path
 */
export async function checkExperiment(
  given: ExperimentDefinition,
  baseFolder: string,
): Promise<CheckedExperiment> {
  const { definition, problems } = await findProblems(given, baseFolder)
  if (definition) return { definition, baseFolder }
  throw new InvalidOptionsError(
    `Invalid experiment:\n${problems.map(({ message }) => `  - ${message}`).join('\n')}`,
  )
}

async function findProblems(
  value: unknown,
  baseFolder: string,
): Promise<{ definition?: CheckedDefinition; problems: readonly DefinitionProblem[] }> {
  const parsed = definitionSchema.safeParse(value)
  if (!parsed.success) {
    return { problems: problemsOf(definitionSchema, value, parsed.error.issues) }
  }
  // Names have to be right before anything can be made of them.
  const names = checkDefinition(parsed.data)
  const problems = names.length > 0 ? names : await checkModels(parsed.data, baseFolder)
  return problems.length > 0 ? { problems } : { definition: parsed.data, problems }
}
