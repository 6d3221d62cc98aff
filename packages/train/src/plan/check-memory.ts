import type { BipartiteGraph } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'
import type { TrainerOptions } from '../options/trainer-options.js'
import type { Planned } from './calibrate.js'
import { planTraining } from './plan-training.js'

/**
 * Estimates what a training takes, where it has a limit.
 *
 * @throws TrainingTooLargeError when that is above `maxMemory`
 */
export async function checkMemory(options: TrainerOptions, train: Planned['train']): Promise<void> {
  const { model, maxMemory, split, progress, log, handleInterrupt, resume, ...training } = options
  if (maxMemory === undefined) return
  const Model = model.constructor as new (graph: BipartiteGraph, options: unknown) => GraphModel
  const make = (graph: BipartiteGraph) => new Model(graph, model.options)
  await planTraining({ graph: model.graph, model: make, training, maxMemory, train })
}
