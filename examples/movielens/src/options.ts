import { parseCommandLine } from '@gnnrec/example-support'
import { GnnRecError } from '@gnnrec/graph'
import { models } from '@gnnrec/models'
import type { MovieDataName } from './movie-data.js'
import { datasetNames } from './movie-data.js'
import { modelNames } from './train-model.js'

/** Options of the command line. */
export interface MovieOptions {
  dataset: MovieDataName
  /** Names of models to train with their presets; undefined to choose among several models and settings. */
  models: readonly string[] | undefined
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

const help = `Chooses among recommenders of movies on a validation part, fits the best settings of each model to everything
before the test, evaluates them on the last part of every user's history, saves all of them, and shows what the chosen
one recommends. With --model, trains the models that are named with the preset of the data set.

  --data NAME          ${datasetNames.join(' | ')} (default movietweetings, which is bundled;
                       the others are read from GNNREC_DATA_DIR or the cache folder)
  --model NAMES        models, with commas, or 'all':
                       ${inLines(modelNames)}
                       (default: chooses settings of several models on validation and compares them)
  --preset NAME        preset of all trained models, such as predecessor (default: that of the data set); the
                       output is in a folder of its own
  --epochs N           largest number of epochs (default: that of the model's settings)
  --output FOLDER      folder for models and report (default: output)`

/** Writes names with six in a line, indented like the help. */
function inLines(names: readonly string[]): string {
  const lines: string[] = []
  for (let at = 0; at < names.length; at += 6) lines.push(names.slice(at, at + 6).join(', '))
  return lines.join(`,\n${' '.repeat(23)}`)
}

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
  const chosen = chosenModels(text['model'])
  const epochs =
    text['epochs'] === undefined ? undefined : positiveInteger('--epochs', text['epochs'])
  if (chosen) checkPreset(text['preset'], chosen)
  else if (text['preset'] !== undefined || epochs !== undefined) {
    fail('--preset and --epochs are for models that --model names; name some.')
  }
  return {
    ...common,
    dataset: oneOf('--data', text['data'] as string, datasetNames),
    models: chosen,
    preset: text['preset'],
    epochs,
    output: text['output'] as string,
  }
}

function chosenModels(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  if (text === 'all') return modelNames
  const names = text.split(',').map((name) => name.trim())
  return [...new Set(names)].map((name) => oneOf('--model', name, modelNames, "'all' or "))
}

/** Refuses a preset that one of the trained models does not have, before data are loaded. */
function checkPreset(preset: string | undefined, names: readonly string[]): void {
  if (preset === undefined) return
  const trained = names.filter((name) => models.get(name).capabilities.isTrained)
  if (trained.length === 0) fail('--preset: none of the models is trained; leave it out.')
  for (const name of trained) {
    try {
      models.preset(name, preset)
    } catch (error) {
      if (!GnnRecError.isInstance(error)) throw error
      fail(`--preset: ${error.message}`)
    }
  }
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
