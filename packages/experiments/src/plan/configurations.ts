import { models } from '@gnnrec/models'
import { isFor, labelOf, seedsFor } from '../definition/check-definition.js'
import type {
  CheckedDataset,
  CheckedDefinition,
  CheckedModel,
} from '../definition/definition-schema.js'
import type { ExperimentTraining, JsonValue } from '../definition/experiment-definition.js'
import type { DefinitionProblem } from '../errors.js'
import { isBaseline } from '../models/create-model.js'
import {
  type Trial,
  type TrialDataset,
  type TrialInputs,
  type TrialProtocol,
  withId,
} from './trial.js'

/** The options and training settings of a setting, or of a candidate of a search. */
export interface SettingChoice {
  readonly label: string
  readonly options: Readonly<Record<string, JsonValue>>
  readonly training: Readonly<Record<string, unknown>>
}

/** A model of an experiment on one of its data sets. */
export interface Configuration {
  readonly entry: CheckedModel
  readonly dataset: CheckedDataset
  /** Path of the model in the definition. */
  readonly path: DefinitionProblem['path']
  /** The settings; undefined when a search chooses them. */
  readonly settings: readonly SettingChoice[] | undefined
}

const asItStands: SettingChoice = { label: '', options: {}, training: {} }

/** Combines data sets and models in the order of the definition: all models on the first data set come first. */
export function configurationsOf(definition: CheckedDefinition): Configuration[] {
  return definition.datasets.flatMap((dataset) =>
    [...definition.models.entries()]
      .filter(([, entry]) => isFor(entry, dataset))
      .map(([place, entry]) => ({
        entry,
        dataset,
        path: ['models', place],
        settings: entry.search ? undefined : (entry.settings ?? [asItStands]),
      })),
  )
}

/** The choices that make a trial of a configuration. */
export interface TrialChoice {
  readonly setting: SettingChoice
  readonly seed: number
  readonly phase: Trial['phase']
  readonly untilEpoch?: number
}

/** The parts that all trials of an experiment share. */
export interface TrialSource {
  readonly definition: CheckedDefinition
  /** Folder that paths of modules and files are relative to. */
  readonly baseFolder: string
  /** Returns the identity of what the trials of a configuration read. */
  readonly inputsOf: (configuration: Configuration) => TrialInputs
  /** True when trials of a search report on the validation part. @defaultValue false */
  readonly reportsValidation?: boolean
}

/** Makes a trial of a configuration. */
export function trialOf(
  { definition, baseFolder, inputsOf, reportsValidation }: TrialSource,
  configuration: Configuration,
  { setting, seed, phase, untilEpoch }: TrialChoice,
): Trial {
  const { entry, dataset } = configuration
  const { model: name, module } = entry
  const { protocol, budget } = definition
  const selection = selectionFor(definition, dataset)
  const { metrics, coldUsers } = protocol
  const kept = definition.search?.keep?.metric
  const validated = phase === 'search' && kept !== undefined ? [kept] : undefined
  const found = entry.preset === undefined ? undefined : presetOf(entry)
  return withId({
    phase,
    seed,
    setting: setting.label,
    inputs: inputsOf(configuration),
    limits: budget as Trial['limits'],
    baseFolder,
    ...(untilEpoch !== undefined && { untilEpoch }),
    model: {
      label: labelOf(entry),
      name,
      ...(module !== undefined && { module }),
      options: {
        ...(found?.model as Record<string, JsonValue> | undefined),
        ...entry.options,
        ...setting.options,
      },
      training: isBaseline(name, module)
        ? null
        : judgedBy(
            selection,
            {
              ...found?.training,
              ...definition.training,
              ...entry.training,
              ...dataset.training,
              ...setting.training,
            } as ExperimentTraining,
            budget.epochs,
          ),
    },
    dataset: trialDataset(definition, dataset),
    protocol: {
      metrics,
      selection,
      ...(validated && { validated }),
      ...(reportsValidation && phase === 'search' && { reportsValidation }),
      coldUsers,
    } satisfies TrialProtocol,
  })
}

/** Returns the data set of the trials on an entry. */
export function trialDataset(
  { protocol }: CheckedDefinition,
  dataset: CheckedDataset,
): TrialDataset {
  const {
    selection: _selection,
    training: _training,
    seeds: _seeds,
    firstEpochs: _firstEpochs,
    split,
    ...set
  } = dataset
  return { ...set, label: labelOf(dataset), split: split ?? protocol.split } as TrialDataset
}

/** Returns the selection of a data set. */
export function selectionFor({ protocol }: CheckedDefinition, dataset: CheckedDataset): string {
  return dataset.selection ?? protocol.selection
}

/** Returns true when a selection is a validation metric, not the loss or the last epoch. */
export function isValidationMetric(selection: string): boolean {
  return selection !== 'loss' && selection !== 'last-epoch'
}

/** Returns the seeds that make a difference: a baseline without randomness needs only one. */
export function seedsOf(
  definition: CheckedDefinition,
  { entry, dataset }: Configuration,
): readonly number[] {
  const { model, module } = entry
  const seeds = seedsFor(definition, dataset)
  const isFixed = isBaseline(model, module) && !models.get(model).capabilities.isSeeded
  return isFixed ? seeds.slice(0, 1) : seeds
}

function presetOf({ model, preset: name }: CheckedModel) {
  return models.preset(model, name as string)
}

/** Puts the selection in place of the metric of early stopping and limits the epochs by the budget. */
function judgedBy(
  selection: string,
  training: ExperimentTraining,
  mostEpochs: number | undefined,
): ExperimentTraining {
  const { earlyStopping, evaluateEvery, epochs, ...rest } = training
  return {
    ...rest,
    ...(epochs !== undefined && { epochs: Math.min(epochs, mostEpochs ?? epochs) }),
    ...(earlyStopping &&
      selection !== 'last-epoch' && { earlyStopping: { ...earlyStopping, metric: selection } }),
    ...(evaluateEvery !== undefined && isValidationMetric(selection) && { evaluateEvery }),
  }
}
