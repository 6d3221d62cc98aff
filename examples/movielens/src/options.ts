import { parseCommandLine } from '@gnnrec/example-support'
import type { MovieDataName } from './movie-data.js'
import { datasetNames } from './movie-data.js'
import { modelNames, quickModels } from './train-model.js'

/** Options of the command line. */
export interface MovieOptions {
  dataset: MovieDataName
  models: readonly string[]
  /** Preset of all models that are trained; undefined for that of the data set. */
  preset: string | undefined
  /** Number of epochs, in place of that of the settings. */
  epochs: number | undefined
  seed: number
  threads: number | undefined
  json: string | undefined
  /** Folder for saved models. */
  output: string
}

const help = `Trains recommenders on movie ratings, each with its best settings, evaluates them on the last part of
every user's history, saves all of them, and shows what the best one on validation recommends.

  --data NAME          ${datasetNames.join(' | ')} (default movietweetings, which is bundled;
                       the others are read from GNNREC_DATA_DIR or the cache folder)
  --model NAMES        models, with commas, or 'all': ${modelNames.slice(0, 5).join(', ')},
                       ${modelNames.slice(5).join(', ')}
                       (default ${quickModels.join(',')})
  --preset NAME        preset of all models, such as predecessor (default: that of the data set)
  --epochs N           largest number of epochs (default: that of the model's settings)
  --output FOLDER      folder for models and report (default: output)`

/** Reads the command line; ends the process on --help or a mistake. */
export function movieOptions(): MovieOptions {
  const { values, ...common } = parseCommandLine('npm start -- [options]', help, {
    data: { type: 'string', default: 'movietweetings' },
    model: { type: 'string' },
    preset: { type: 'string' },
    epochs: { type: 'string' },
    output: { type: 'string', default: 'output' },
  })
  const text = values as Record<string, string | undefined>
  return {
    ...common,
    dataset: oneOf('--data', text['data'] as string, datasetNames),
    models: chosenModels(text['model']),
    preset: text['preset'],
    epochs: text['epochs'] === undefined ? undefined : positiveInteger('--epochs', text['epochs']),
    output: text['output'] as string,
  }
}

function chosenModels(text: string | undefined): readonly string[] {
  if (text === undefined) return quickModels
  if (text === 'all') return modelNames
  const names = text.split(',').map((name) => name.trim())
  return [...new Set(names)].map((name) => oneOf('--model', name, modelNames, "'all' or "))
}

function oneOf<Name extends string>(
  option: string,
  value: string,
  names: readonly Name[],
  others = '',
): Name {
  const known = names.find((name) => name === value)
  return known ?? fail(`${option}: got '${value}'; expected ${others}one of ${names.join(', ')}.`)
}

function positiveInteger(option: string, text: string): number {
  const value = Number(text)
  return Number.isSafeInteger(value) && value > 0
    ? value
    : fail(`${option}: got '${text}'; expected an integer from 1 up.`)
}

function fail(message: string): never {
  console.error(`${message}\nTry --help.`)
  process.exit(2)
}
