import { ModelInTrainingError } from '../errors.js'
import type { TrainedModel } from './trained-model.js'

/**
 * Claims a model for one training.
 *
 * @returns a function that gives the model back
 * @throws ModelInTrainingError when another training has it
 */
export function claimModel(model: TrainedModel): () => void {
  const inTraining = modelsInTraining()
  if (inTraining.has(model)) throw new ModelInTrainingError(model.architecture)
  inTraining.add(model)
  return () => void inTraining.delete(model)
}

/** Returns the models that are being trained, by any copy and version of this package in the process. */
function modelsInTraining(): WeakSet<TrainedModel> {
  const key = Symbol.for('gnnrec.models-in-training')
  const shared = globalThis as unknown as Record<symbol, WeakSet<TrainedModel> | undefined>
  shared[key] ??= new WeakSet()
  return shared[key]
}
