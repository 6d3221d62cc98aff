import { parseCommandLine } from '@gnnrec/example-support'
import { type StudyName, studyNames } from './studies.js'

/** Options of the command line. */
export interface CompareOptions {
  readonly studies: readonly StudyName[]
  /** Names of models and data sets to keep; undefined for all of the study. */
  readonly models: readonly string[] | undefined
  readonly datasets: readonly string[] | undefined
  readonly seeds: readonly number[] | undefined
  /** Largest number of epochs of any training. */
  readonly epochs: number | undefined
  /** Number of settings that a search tries; undefined for that of the study. */
  readonly trials: number | undefined
  readonly parallel: number
  readonly threads: number | undefined
  readonly reference: string | undefined
  /** True to keep the models. */
  readonly saveModels: boolean
  /** Folder of files of the predecessor to run in place of the studies. */
  readonly predecessor: string | undefined
  readonly output: string
  readonly json: string | undefined
}

const help = `Trains models, evaluates them on the last part of every user's history, and tests the differences.
Without options: all trained models and four baselines on the bundled set, two seeds, 20 epochs. Results are
kept in the output folder: run the same command again to resume.

  --full               all studies with all their data sets, seeds and epochs; takes days
  --study NAMES        ${studyNames.join(' | ')}, several with commas
                       (default models)
  --models NAMES       models of the study to keep, with commas: light-gcn,bpr-mf
  --datasets NAMES     data sets of the study to keep, with commas; those that are not bundled are
                       read from GNNREC_DATA_DIR or the cache folder
  --seeds N            number of seeds, from --seed up
  --epochs N           largest number of epochs of any training
  --trials N           settings that a search tries for each model
  --parallel N         trials at a time (default 1, which uses all processors)
  --save-models        keep the trained models, each in the folder of its trial
  --predecessor FOLDER run configuration files of the Python system instead of a study: FOLDER has
                       training.yaml and models/*.yaml; prints what each key became
  --reference MODEL    model to compare the others with (default bpr-mf)
  --output FOLDER      results, checkpoints and tables (default output/compare)`

/** Options without a value. */
interface Flags {
  readonly full: boolean
  readonly 'save-models': boolean
}

/** Selection without options: a study that takes minutes. */
const small = { datasets: ['movietweetings'], seeds: 2, epochs: 20 }

/** Reads the command line; ends the process on --help or a mistake. */
export function compareOptions(): CompareOptions {
  const { values, seed, threads, json } = parseCommandLine('npm run compare -- [options]', help, {
    full: { type: 'boolean', default: false },
    study: { type: 'string' },
    models: { type: 'string' },
    datasets: { type: 'string' },
    seeds: { type: 'string' },
    epochs: { type: 'string' },
    trials: { type: 'string' },
    parallel: { type: 'string', default: '1' },
    reference: { type: 'string' },
    'save-models': { type: 'boolean', default: false },
    predecessor: { type: 'string' },
    output: { type: 'string', default: 'output/compare' },
  })
  const {
    full,
    'save-models': saveModels,
    ...text
  } = values as Flags & Record<string, string | undefined>
  const { predecessor } = text
  if (predecessor !== undefined && (full || text['study'] !== undefined)) {
    fail('--predecessor: runs no study; leave out --study and --full.')
  }
  const isSmall =
    !full &&
    text['study'] === undefined &&
    text['datasets'] === undefined &&
    predecessor === undefined
  const count = integer('--seeds', text['seeds']) ?? (isSmall ? small.seeds : undefined)
  return {
    studies: named(text['study']) ?? (full ? studyNames : ['models']),
    models: listed(text['models']),
    datasets: listed(text['datasets']) ?? (isSmall ? small.datasets : undefined),
    seeds: count === undefined ? undefined : Array.from({ length: count }, (_, i) => seed + i),
    epochs: integer('--epochs', text['epochs']) ?? (isSmall ? small.epochs : undefined),
    trials: integer('--trials', text['trials']),
    parallel: integer('--parallel', text['parallel']) as number,
    threads,
    json,
    reference: text['reference'],
    saveModels,
    predecessor,
    output: text['output'] as string,
  }
}

function listed(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function named(text: string | undefined): readonly StudyName[] | undefined {
  return listed(text)?.map((name) => {
    const known = studyNames.find((each) => each === name)
    return known ?? fail(`--study: got '${name}'; expected ${studyNames.join(', ')}.`)
  })
}

function integer(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) && value > 0
    ? value
    : fail(`${option}: got '${text}'; expected an integer from 1 up.`)
}

function fail(message: string): never {
  console.error(`${message}\nTry --help.`)
  process.exit(2)
}
