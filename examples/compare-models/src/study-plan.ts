import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseMetric } from '@gnnrec/eval'
import {
  type ExperimentDefinition,
  readExperimentFile,
  readPredecessorFiles,
} from '@gnnrec/experiments'
import { InvalidOptionsError } from '@gnnrec/graph'
import { isSystemError } from '@gnnrec/graph/files'
import type { CompareOptions } from './options.js'
import { predecessorKeys } from './predecessor-keys.js'
import { select } from './select.js'
import { type Study, type StudyName, type StudyNotes, studies } from './studies.js'

const experiments = fileURLToPath(new URL('../experiments', import.meta.url))

/** An experiment that is ready to run. */
export interface StudyPlan {
  /** Name of the folder and of the tables. */
  readonly name: string
  readonly study: StudyNotes
  readonly definition: ExperimentDefinition
  /** Folder that paths of the definition are relative to. */
  readonly baseFolder: string
  /** Text to print before the first trial. */
  readonly introduction?: string
}

/**
 * Reads all experiments of a command and selects what it asks for, so that a wrong name is told before anything runs.
 *
 * @throws InvalidOptionsError for a name that one of the studies does not have
 */
export async function plansOf(options: CompareOptions): Promise<StudyPlan[]> {
  if (options.predecessor !== undefined)
    return [await predecessorPlan(options.predecessor, options)]
  return Promise.all(options.studies.map((name) => planOf(name, options)))
}

async function planOf(name: StudyName, options: CompareOptions): Promise<StudyPlan> {
  const study: Study = studies[name]
  const { definition, baseFolder } = await readExperimentFile(join(experiments, study.file))
  return {
    name,
    study: options.reference ? { ...study, reference: { model: options.reference } } : study,
    definition: select(name, definition, options),
    baseFolder,
  }
}

async function predecessorPlan(folder: string, options: CompareOptions): Promise<StudyPlan> {
  const read = await readPredecessorFiles({
    training: join(folder, 'training.yaml'),
    models: await modelFiles(folder),
  })
  return {
    name: 'predecessor',
    study: {
      title: 'Files of the Python system',
      metric: testedMetric(read.definition.protocol),
      reference: { model: options.reference ?? 'bpr-mf' },
    },
    definition: select('predecessor', read.definition, options),
    baseFolder: folder,
    introduction: predecessorKeys(read, folder),
  }
}

/**
 * Chooses the metric of the paired tests among those of the test part: NDCG@10, else the one that chooses epochs, else
 * the first with values per user.
 *
 * @throws InvalidOptionsError when none of them has values per user
 */
function testedMetric({
  metrics,
  selection,
}: Pick<ExperimentDefinition['protocol'], 'metrics' | 'selection'>): string {
  const perUser = metrics.filter((name) => parseMetric(name).metric.kind === 'user')
  const found = ['ndcg@10', selection].find((name) => perUser.includes(name)) ?? perUser[0]
  if (found !== undefined) return found
  throw new InvalidOptionsError(
    `--predecessor: validation_metrics has ${metrics.join(', ') || 'no metric'}; expected at least one with a value for each user, such as 'ndcg@10', to test the differences of models.`,
  )
}

/** Lists the YAML files of models, sorted by name. */
async function modelFiles(folder: string): Promise<string[]> {
  const models = join(folder, 'models')
  let names: string[]
  try {
    names = await readdir(models)
  } catch (cause) {
    if (!isSystemError(cause)) throw cause
    throw new InvalidOptionsError(
      `--predecessor: cannot read ${models}: ${cause.message}; expected a folder with training.yaml and models/*.yaml.`,
      { cause },
    )
  }
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort()
  if (files.length > 0) return files.map((name) => join(models, name))
  throw new InvalidOptionsError(
    `--predecessor: ${models} has no YAML files; expected one for each model.`,
  )
}
