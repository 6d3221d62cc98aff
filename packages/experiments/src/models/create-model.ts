import { type BipartiteGraph, InvalidOptionsError } from '@gnnrec/graph'
import { GraphModel, type GraphModelClass } from '@gnnrec/models'
import type { Trial } from '../plan/trial.js'
import { trainedModels } from './known-models.js'
import { loadExport } from './load-module.js'

/**
 * The untrained model of a trial.
 *
 * @throws InvalidOptionsError for a wrong option, or a module that exports no model
 */
export async function createModel(trial: Trial, graph: BipartiteGraph): Promise<GraphModel> {
  const { model, seed, baseFolder } = trial
  const { name, module, options } = model
  const Model =
    module === undefined ? trainedModels[name].modelClass : await classOf(module, name, baseFolder)
  return new Model(graph, { ...options, seed } as never)
}

async function classOf(
  module: string,
  name: string,
  baseFolder: string,
): Promise<GraphModelClass<GraphModel>> {
  const found = await loadExport(module, name, baseFolder)
  const isModel = typeof found === 'function' && found.prototype instanceof GraphModel
  if (isModel) return found as unknown as GraphModelClass<GraphModel>
  throw new InvalidOptionsError(
    `module: the export '${name}' of '${module}' is not a class that extends GraphModel.`,
  )
}
