import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import {
  GraphModel,
  type ModelClass,
  type ModelSettings,
  models,
  type RecommenderModel,
} from '@gnnrec/models'
import type { Trial } from '../plan/trial.js'
import { loadExport } from './load-module.js'
import type { ModuleRules } from './module-rules.js'

/** Returns true for a model of the registry that is computed, not trained. */
export function isBaseline(model: string, module: string | undefined): boolean {
  return module === undefined && models.has(model) && !models.get(model).capabilities.isTrained
}

/**
 * Makes the model of a trial, with the seed of the trial where chance plays a part.
 *
 * @throws InvalidOptionsError for a wrong option, or a module that exports no model
 */
export async function createModel(
  trial: Trial,
  graph: BipartiteGraph,
  rules: ModuleRules,
): Promise<RecommenderModel> {
  return models.create(graph, await settingsOf(trial, rules))
}

/** Makes the model of a trial that is trained. */
export async function createTrainedModel(
  trial: Trial,
  graph: BipartiteGraph,
  rules: ModuleRules,
): Promise<GraphModel> {
  return models.createTrained(graph, await settingsOf(trial, rules))
}

async function settingsOf({ model, seed }: Trial, rules: ModuleRules): Promise<ModelSettings> {
  const { name, module, options } = model
  const architecture =
    module === undefined ? models.get(name) : await modelClassOf(module, name, rules)
  const { isSeeded } = architecture.capabilities
  return { architecture, options: { ...options, ...(isSeeded && { seed }) } }
}

/** Loads a model class that a module exports. */
export async function modelClassOf(
  module: string,
  name: string,
  rules: ModuleRules,
): Promise<ModelClass> {
  const found = await loadExport(module, name, rules)
  const isModel = typeof found === 'function' && found.prototype instanceof GraphModel
  if (isModel) return found as unknown as ModelClass
  throw new InvalidOptionsError(
    `module: the export '${name}' of '${module}' is not a class that extends GraphModel.`,
  )
}
