import { join, resolve } from 'node:path'
import { withValidationInTrain } from '@gnnrec/data'
import {
  createSplit,
  InvalidOptionsError,
  parseOptions,
  type Split,
  selectRows,
} from '@gnnrec/graph'
import { type FoundModel, refit } from '@gnnrec/train'
import * as z from 'zod'
import { isFor, labelOf } from '../definition/check-definition.js'
import type { CheckedModel } from '../definition/definition-schema.js'
import type { ExperimentDefinition } from '../definition/experiment-definition.js'
import { checkExperiment } from '../definition/read-definition.js'
import { modelClassOf } from '../models/create-model.js'
import type { ModuleRules } from '../models/module-rules.js'
import { isValidationMetric, selectionFor, trialDataset } from '../plan/configurations.js'
import { slug } from '../plan/trial.js'
import type { CompletedTrial, TrialResult } from '../results/trial-result.js'
import { splitOf } from '../trial/trial-split.js'

/** Options of {@link refitBest}. */
export interface RefitBestOptions {
  /** The experiment that the results are of. */
  readonly definition: ExperimentDefinition
  /** Results of all its trials, of `ExperimentRunner.run` or `readResults`. */
  readonly results: readonly TrialResult[]
  /** Folder in which each data set's model is saved in a folder of its own. */
  readonly folder: string
  /** Folder that paths in the definition are relative to. @defaultValue the working folder */
  readonly baseFolder?: string
  /** Modules that the definition may name, as in `ExperimentRunner`. @defaultValue none */
  readonly allowModules?: readonly string[]
  /** Signal that ends the work. */
  readonly signal?: AbortSignal
}

/** The best model on a data set, fitted again to all of it. */
export interface BestModel {
  /** Label of the data set. */
  readonly dataset: string
  /** Label of the model. */
  readonly model: string
  /** Label of the setting; empty when the model has only one. */
  readonly setting: string
  /** The model and its settings, as `refit` of `@gnnrec/train` takes them. */
  readonly found: FoundModel
  /** Mean of the selection metric on the validation part over the seeds. */
  readonly value: number
  /** Folder of the saved model. */
  readonly folder: string
}

const schema = z.strictObject({
  definition: z.custom<ExperimentDefinition>(
    (value) => typeof value === 'object' && value !== null,
  ),
  results: z.array(z.custom<TrialResult>()),
  folder: z.string().min(1),
  baseFolder: z.string().min(1).default('.'),
  allowModules: z.array(z.string().min(1)).default([]),
  signal: z.instanceof(AbortSignal).optional(),
})

/**
 * Fits the best model of each data set of an experiment again, to all interactions of the data set, and saves it: that
 * with the best mean of the selection metric on the validation part, with the first of its seeds. What an experiment
 * saves otherwise has learnt from the training part alone, and would recommend what people have.
 *
 * @returns the models in the order of the data sets
 * @throws InvalidOptionsError when the selection is no validation metric, no trial of a data set has a value of it, or
 * the definition is wrong
 * @throws SerializationError when a model cannot be saved
 * @throws the reason of `signal` once it is aborted
 * @example
 * ```ts no-run
 * import { ExperimentRunner, readExperimentFile, refitBest } from '@gnnrec/experiments'
 *
 * const { definition, baseFolder } = await readExperimentFile('layers.yaml')
 * const runner = new ExperimentRunner({ definition, baseFolder, folder: 'runs/layers' })
 * const { results } = await runner.run()
 * const [best] = await refitBest({ definition, baseFolder, results, folder: 'runs/layers/best' })
 * console.log(best.model, best.setting, best.value, best.folder)
 * ```
 */
export async function refitBest(options: RefitBestOptions): Promise<BestModel[]> {
  const parsed = parseOptions('refitBest', schema, options)
  const { results, folder, allowModules, signal } = parsed
  const baseFolder = resolve(parsed.baseFolder)
  const { definition } = await checkExperiment(parsed.definition, baseFolder, allowModules)
  const rules: ModuleRules = { baseFolder, filesBelow: true, allowModules }
  const models: BestModel[] = []
  for (const dataset of definition.datasets) {
    const label = labelOf(dataset)
    const metric = selectionFor(definition, dataset)
    const { trial, value } = bestOf(results, label, metric)
    const entry = definition.models.find(
      (each) => isFor(each, dataset) && labelOf(each) === trial.model,
    )
    if (!entry) throw foreign(trial)
    const found = await foundOf(entry, trial, rules)
    const settings = trialDataset(definition, dataset)
    const split = everything(await splitOf(settings, rules))
    const { model } = await refit(found, split, {
      ...(settings.weights && { weights: settings.weights }),
      lowRatings: 'accept',
      ...(signal && { signal }),
    })
    const path = join(folder, folderName(label, models))
    try {
      await model.save(path)
    } finally {
      model.dispose()
    }
    models.push({
      dataset: label,
      model: trial.model,
      setting: trial.setting,
      found,
      value,
      folder: path,
    })
  }
  return models
}

/** Returns the name of a data set's folder, with a number where others have the same. */
function folderName(label: string, others: readonly BestModel[]): string {
  const name = slug(label)
  const alike = others.filter(({ dataset }) => slug(dataset) === name).length
  return alike === 0 ? name : `${name}-${alike + 1}`
}

/** Returns the first trial of the settings with the best mean over their seeds. */
function bestOf(
  results: readonly TrialResult[],
  dataset: string,
  metric: string,
): { readonly trial: CompletedTrial; readonly value: number } {
  if (!isValidationMetric(metric)) {
    throw new InvalidOptionsError(
      `protocol.selection: got '${metric}', by which models cannot be compared; expected a validation metric, such as 'ndcg@20'.`,
    )
  }
  const groups = new Map<string, { trials: CompletedTrial[]; values: number[] }>()
  for (const result of results) {
    if (result.status !== 'completed' || result.phase !== 'test' || result.dataset !== dataset)
      continue
    const value = result.validation?.[metric]
    if (value === undefined) continue
    const key = JSON.stringify([result.model, result.setting])
    const group = groups.get(key) ?? { trials: [], values: [] }
    group.trials.push(result)
    group.values.push(value)
    groups.set(key, group)
  }
  const means = [...groups.values()].map(({ trials, values }) => ({
    trial: trials.reduce((first, each) => (each.seed < first.seed ? each : first)),
    value: values.reduce((sum, each) => sum + each, 0) / values.length,
  }))
  if (means.length === 0) {
    throw new InvalidOptionsError(
      `results: no completed trial on ${dataset} has a value of ${metric} on the validation part. Run the experiment to its end.`,
    )
  }
  return means.reduce((best, each) => (each.value > best.value ? each : best))
}

async function foundOf(
  { model, module }: CheckedModel,
  { settings, bestEpoch, epochs, seed }: CompletedTrial,
  rules: ModuleRules,
): Promise<FoundModel> {
  const last = bestEpoch ?? epochs
  return {
    model: module === undefined ? model : await modelClassOf(module, model, rules),
    options: settings.options,
    training: settings.training,
    ...(last !== undefined && { bestEpoch: last }),
    seed,
  }
}

/** Returns a split with all rows in its training part. */
function everything(split: Split): Split {
  const { train } = withValidationInTrain(split)
  const none = selectRows(train, [])
  const method = { name: 'everything' }
  return withValidationInTrain(createSplit({ train, validation: split.test, test: none, method }))
}

function foreign({ model, dataset }: CompletedTrial): InvalidOptionsError {
  return new InvalidOptionsError(
    `results: the definition has no model '${model}' for ${dataset}; pass the results of this experiment.`,
  )
}
