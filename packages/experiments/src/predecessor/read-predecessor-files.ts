import { nearestHint, showValue } from '@gnnrec/graph/kernels'
import type {
  DatasetEntry,
  ExperimentDefinition,
  JsonValue,
  ModelEntry,
} from '../definition/experiment-definition.js'
import { parseYaml, readText, type YamlSource } from '../definition/yaml-source.js'
import { type DefinitionProblem, ExperimentFileError } from '../errors.js'
import { predecessorModels } from './model-keys.js'
import {
  ignoredModelTrainingKeys,
  ignoredTrainingKeys,
  l2WeightOf,
  metricsOf,
  type PredecessorTraining,
  selectionOf,
  settingsOf,
  trainingKeys,
  trainingOf,
  trainingOptions,
} from './training-keys.js'

/** Options of {@link readPredecessorFiles}. */
interface PredecessorFiles {
  /** Path of `training.yaml`, the settings of all models. */
  readonly training: string
  /** Paths of `models/*.yaml`, the settings of one model each. */
  readonly models: readonly string[]
  /** The data sets. @defaultValue ml-latest-small, filtered as the predecessor filtered it */
  readonly datasets?: readonly DatasetEntry[]
  /** The seeds. @defaultValue [42, 43, 44, 45, 46] */
  readonly seeds?: readonly number[]
}

/** A key in a file and the setting that it became. */
interface TranslatedKey {
  /** Path of the file. */
  readonly file: string
  /** Line in the file, from 1. */
  readonly line: number
  /** The key with its sections, such as `'model.n_layers'`. */
  readonly key: string
  /** Value in the file. */
  readonly value: JsonValue
  /** Place of the setting in the experiment, such as `'options.layers'`. */
  readonly place: string
  /** Value of the setting; absent when the key turns the setting off, as `max_grad_norm: 0` does. */
  readonly setting?: JsonValue
}

/** A key in a file that has no effect here. */
interface IgnoredKey {
  /** Path of the file. */
  readonly file: string
  /** Line in the file, from 1. */
  readonly line: number
  /** The key with its sections, such as `'model.beta'`. */
  readonly key: string
  /** The reason why it has no effect. */
  readonly reason: string
}

/** An experiment of the predecessor in the terms of this library. */
interface PredecessorExperiment {
  /** The experiment. */
  readonly definition: ExperimentDefinition
  /** All keys of the files that became a setting of the definition, in the order of the files. */
  readonly translated: readonly TranslatedKey[]
  /** All keys of the files that have no effect on the definition. */
  readonly ignored: readonly IgnoredKey[]
}

type Section = Readonly<Record<string, unknown>>

/**
 * Reads configuration files of the Python system that this project re-creates, as an experiment. Its
 * split is one global cut in time 70/10/20, after dropping users, then items, with fewer than 10
 * interactions.
 *
 * Weight decay of whole tables becomes L2 regularization of the batch's rows. A patience in evaluations
 * becomes one in epochs. Models become those of the papers that they are named after. `translated` says what each
 * key became, and `ignored` lists keys without a counterpart. Settings of `training.yaml` may also stand in a
 * section `training` there.
 *
 * @throws ExperimentFileError with file and line for text that is not YAML, a value of the wrong type, an unknown
 * model, or a setting of `training.yaml` that stands inside and outside of the section
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { readPredecessorFiles } from '@gnnrec/experiments'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'predecessor-'))
 * const training = join(folder, 'training.yaml')
 * const model = join(folder, 'lightgcn.yaml')
 * await writeFile(training, 'epochs: 20\ndevice: cuda\n')
 * await writeFile(model, 'model_name: lightgcn\nmodel: { n_layers: 2 }\n')
 * const { definition, ignored } = await readPredecessorFiles({ training, models: [model] })
 * console.log(definition.models[0]?.options, ignored[0]?.reason)
 * await rm(folder, { recursive: true })
 * ```
 */
export async function readPredecessorFiles({
  training: trainingFile,
  models: modelFiles,
  datasets = [
    {
      dataset: 'ml-latest-small',
      filter: { minPerUser: 10, minPerItem: 10, iterate: false },
    },
  ],
  seeds = [42, 43, 44, 45, 46],
}: PredecessorFiles): Promise<PredecessorExperiment> {
  const keys: Keys = { translated: [], ignored: [] }
  const common = await FileReader.open(trainingFile, keys)
  const shared = readShared(common)
  const models: ModelEntry[] = []
  for (const file of modelFiles) models.push(await readModel(file, shared, keys))
  return {
    definition: {
      name: 'predecessor',
      models,
      datasets,
      seeds,
      protocol: {
        split: { method: 'temporal', scope: 'global', ratios: [0.7, 0.1, 0.2] },
        metrics: metricsOf(shared),
        selection: selectionOf(shared),
      },
    },
    translated: keys.translated,
    ignored: keys.ignored,
  }
}

/** Reads the settings of all models, at the top of `training.yaml` or in its section `training`. */
function readShared(reader: FileReader): PredecessorTraining {
  const { training: section = {}, ...root } = reader.root
  const top = reader.training(root, [])
  const inner = reader.training(reader.section(section, ['training']), ['training'])
  for (const key of Object.keys(inner)) {
    if (!Object.hasOwn(top, key)) continue
    const message = `training.${key}: ${key} stands outside of the section, too; remove one of them.`
    reader.report(['training', key], message)
  }
  reader.finish()
  const shared = { ...top, ...inner }
  reader.translateTraining(top, [], shared)
  reader.translateTraining(inner, ['training'], shared)
  return shared
}

async function readModel(
  file: string,
  shared: PredecessorTraining,
  keys: Keys,
): Promise<ModelEntry> {
  const reader = await FileReader.open(file, keys)
  const { model_name: name, model = {}, training = {}, ...others } = reader.root
  const known =
    typeof name === 'string' && Object.hasOwn(predecessorModels, name)
      ? predecessorModels[name]
      : undefined
  if (!known) {
    const names = Object.keys(predecessorModels)
    reader.report(
      ['model_name'],
      `model_name: got ${showValue(name)}${nearestHint(String(name), names)}; expected ${names.join(', ')}.`,
    )
    throw reader.error()
  }
  const options: Record<string, JsonValue> = { ...known.options }
  for (const [key, value] of Object.entries(reader.section(model, ['model']))) {
    const isKnown = Object.hasOwn(known.keys, key)
    const meaning = isKnown ? known.keys[key] : { ignored: 'not known' }
    if ('option' in meaning) {
      options[meaning.option] = value as JsonValue
      const place = `options.${meaning.option}`
      reader.translate(['model', key], value as JsonValue, place, value as JsonValue)
    } else reader.ignore(['model', key], meaning.ignored)
  }
  for (const key of Object.keys(others)) {
    const isRead = key === 'dataset_specific'
    reader.ignore([key], isRead ? 'the predecessor did not read it' : 'not known')
  }
  const section = reader.section(training, ['training'])
  const own = reader.training(section, ['training'], ignoredModelTrainingKeys)
  reader.finish()
  const merged = { ...shared, ...own }
  reader.translateTraining(own, ['training'], merged)
  options['l2Weight'] = l2WeightOf(merged)
  return { model: known.model, options, training: trainingOf(merged) }
}

/** The keys of all files so far. */
interface Keys {
  readonly translated: TranslatedKey[]
  readonly ignored: IgnoredKey[]
}

/** A reader of one file that collects its keys and the problems found in it. */
class FileReader {
  readonly #file: string
  readonly #source: YamlSource
  readonly #keys: Keys
  readonly #problems: DefinitionProblem[] = []

  private constructor(file: string, source: YamlSource, keys: Keys) {
    this.#file = file
    this.#source = source
    this.#keys = keys
  }

  static async open(file: string, keys: Keys): Promise<FileReader> {
    return new FileReader(file, parseYaml(await readText(file), file), keys)
  }

  get root(): Section {
    return this.section(this.#source.value, [])
  }

  section(value: unknown, path: readonly string[]): Section {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Section
    }
    this.report(path, `${path.join('.') || 'the file'}: expected keys and values.`)
    throw this.error()
  }

  training(
    section: Section,
    path: readonly string[],
    ignored: Readonly<Record<string, string>> = ignoredTrainingKeys,
  ): PredecessorTraining {
    const training: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(section)) {
      const place = [...path, key]
      const isNamed = Object.hasOwn(ignored, key)
      if (isNamed || !Object.hasOwn(trainingKeys, key)) {
        this.ignore(place, isNamed ? ignored[key] : 'not known')
        continue
      }
      const parsed = trainingKeys[key as keyof typeof trainingKeys].safeParse(value)
      if (parsed.success) training[key] = parsed.data
      for (const issue of parsed.error?.issues ?? []) {
        const inner = [...place, ...(issue.path as string[])]
        this.report(inner, `${inner.join('.')}: got ${showValue(value)}; ${issue.message}`)
      }
      if (key !== 'early_stopping' || !parsed.success) continue
      for (const inner of Object.keys(value as Section)) {
        if (!Object.hasOwn(trainingKeys.early_stopping.shape, inner)) {
          this.ignore([...place, inner], 'not known')
        }
      }
    }
    return training
  }

  /** Notes what training settings became, given those that are in force. */
  translateTraining(
    given: PredecessorTraining,
    path: readonly string[],
    inForce: PredecessorTraining,
  ): void {
    const settings = settingsOf(inForce)
    for (const [key, value] of Object.entries(given)) {
      const place = trainingOptions[key as keyof typeof trainingKeys]
      this.translate([...path, key], value as JsonValue, place, settings[place])
    }
  }

  translate(
    path: readonly string[],
    value: JsonValue,
    place: string,
    setting: JsonValue | undefined,
  ): void {
    const line = this.#source.lineOf(path)
    const key = path.join('.')
    this.#keys.translated.push({
      file: this.#file,
      line,
      key,
      value,
      place,
      ...(setting !== undefined && { setting }),
    })
  }

  ignore(path: readonly string[], reason: string): void {
    const line = this.#source.lineOf(path)
    this.#keys.ignored.push({ file: this.#file, line, key: path.join('.'), reason })
  }

  report(path: readonly string[], message: string): void {
    this.#problems.push({ path, message, line: this.#source.lineOf(path) })
  }

  error(): ExperimentFileError {
    return new ExperimentFileError(this.#file, this.#problems)
  }

  /** Ends the reading. @throws ExperimentFileError when there are problems */
  finish(): void {
    if (this.#problems.length > 0) throw this.error()
  }
}
