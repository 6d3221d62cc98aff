import { dirname, resolve } from 'node:path'
import { InvalidOptionsError } from '@gnnrec/graph'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import { checkDefinition } from './check-definition.js'
import { checkModels } from './check-models.js'
import { problemsOf } from './definition-problems.js'
import { type CheckedDefinition, definitionSchema } from './definition-schema.js'
import type { ExperimentDefinition } from './experiment-definition.js'
import { excess, pathOfProto } from './levels.js'
import { parseYaml, readText } from './yaml-source.js'

/** A checked definition and the folder that its paths are relative to. */
export interface CheckedExperiment {
  readonly definition: CheckedDefinition
  readonly baseFolder: string
}

/** Options of {@link readExperimentFile}. */
interface ReadOptions {
  /**
   * Modules that the definition may name besides files below its folder: names of packages, and paths of
   * files and folders.
   *
   * @defaultValue none
   */
  readonly allowModules?: readonly string[]
}

/** An experiment that was read from a file. */
interface ExperimentFile {
  /** The experiment, with its defaults in place. */
  readonly definition: ExperimentDefinition
  /** The folder of the file; paths in the definition are relative to it. */
  readonly baseFolder: string
}

/**
 * Reads an experiment from a YAML (or JSON) file and checks it: keys and types, names of models, data
 * sets and metrics, and options and training settings by making each model and its trainer once,
 * without training. No code of modules runs and no data are read; `ExperimentRunner` checks these before
 * its first trial.
 *
 * @throws ExperimentFileError listing every mistake with file and line
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { readExperimentFile } from '@gnnrec/experiments'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'experiment-'))
 * const file = join(folder, 'first.yaml')
 * await writeFile(
 *   file,
 *   `
 * name: first
 * models: [{ model: popularity }]
 * datasets: [{ dataset: movietweetings }]
 * protocol: { metrics: [recall@20], selection: recall@20 }
 * `,
 * )
 * const { definition } = await readExperimentFile(file)
 * console.log(definition.seeds, definition.protocol.split)
 * await rm(folder, { recursive: true })
 * ```
 */
export async function readExperimentFile(
  file: string,
  { allowModules = [] }: ReadOptions = {},
): Promise<ExperimentFile> {
  const text = await readText(file)
  const { definition, baseFolder } = await checkExperimentText(text, file, allowModules)
  return { definition: definition as ExperimentDefinition, baseFolder }
}

/** Checks the text of a file. */
async function checkExperimentText(
  text: string,
  file: string,
  allowModules: readonly string[],
): Promise<CheckedExperiment> {
  const source = parseYaml(text, file)
  const baseFolder = dirname(resolve(file))
  const { definition, problems } = await findProblems(source.value, baseFolder, allowModules)
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
 * @throws InvalidOptionsError listing every mistake with its path
 */
export async function checkExperiment(
  given: ExperimentDefinition,
  baseFolder: string,
  allowModules: readonly string[] = [],
): Promise<CheckedExperiment> {
  const { definition, problems } = await findProblems(given, baseFolder, allowModules)
  if (definition) return { definition, baseFolder }
  throw invalidExperiment(problems)
}

/** Makes the error that lists all problems of an experiment. */
export function invalidExperiment(problems: readonly DefinitionProblem[]): InvalidOptionsError {
  return new InvalidOptionsError(
    `Invalid experiment:\n${problems.map(({ message }) => `  - ${message}`).join('\n')}`,
  )
}

async function findProblems(
  value: unknown,
  baseFolder: string,
  allowModules: readonly string[],
): Promise<{ definition?: CheckedDefinition; problems: readonly DefinitionProblem[] }> {
  const tooMuch = excess(value)
  if (tooMuch) {
    const message = `the definition has ${tooMuch}, or is part of itself; a definition has six levels and some hundreds of values.`
    return { problems: [{ path: [], message }] }
  }
  const proto = pathOfProto(value)
  if (proto) {
    const message = `${proto.join('.')}: unknown key '__proto__'; remove it.`
    return { problems: [{ path: proto, message }] }
  }
  const parsed = definitionSchema.safeParse(value)
  if (!parsed.success) {
    return { problems: problemsOf(definitionSchema, value, parsed.error.issues) }
  }
  const rules = { baseFolder, filesBelow: true, allowModules }
  // Models can be made only when all names are right.
  const names = checkDefinition(parsed.data, rules)
  const problems =
    names.length > 0 ? names : await checkModels(parsed.data, { rules, loadsModules: false })
  return problems.length > 0 ? { problems } : { definition: parsed.data, problems }
}
