import { parseCommandLine } from '@gnnrec/example-support'
import type { MovieDataName } from './movie-data.js'
import { datasetNames } from './movie-data.js'
import { type ModelName, modelNames } from './train-model.js'

/** Options of the command line. */
export interface MovieOptions {
  dataset: MovieDataName
  models: readonly ModelName[]
  /** Number of epochs, in place of that of the settings. */
  epochs: number | undefined
  seed: number
  threads: number | undefined
  json: string | undefined
  /** Folder for saved models. */
  output: string
}

const help = `Trains recommenders on movie ratings, evaluates them on the last part of every user's history,
shows what they recommend, saves the best one and loads it again.

  --dataset NAME       ${datasetNames.join(' | ')} (default movietweetings, which is bundled;
                       the others are read from GNNREC_DATA_DIR or the cache folder)
  --model NAME         ${modelNames.join(' | ')} (default: all)
  --epochs N           largest number of epochs (default: that of the model's settings)
  --output FOLDER      folder for the last model (default: output)`

/** Reads the command line; ends the process on --help or a mistake. */
export function movieOptions(): MovieOptions {
  const { values, ...common } = parseCommandLine('npm start -- [options]', help, {
    dataset: { type: 'string', default: 'movietweetings' },
    model: { type: 'string' },
    epochs: { type: 'string' },
    output: { type: 'string', default: 'output' },
  })
  const text = values as Record<string, string | undefined>
  return {
    ...common,
    dataset: oneOf('--dataset', text['dataset'] as string, datasetNames),
    models:
      text['model'] === undefined ? modelNames : [oneOf('--model', text['model'], modelNames)],
    epochs: text['epochs'] === undefined ? undefined : positiveInteger('--epochs', text['epochs']),
    output: text['output'] as string,
  }
}

function oneOf<Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const known = names.find((name) => name === value)
  return known ?? fail(`${option}: got '${value}'; expected one of ${names.join(', ')}.`)
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
