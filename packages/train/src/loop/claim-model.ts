import { ModelInTrainingError } from '../errors.js'
import type { TrainedModel } from './trained-model.js'

/** Models that are being trained. */
const inTraining = new WeakSet<TrainedModel>()

/**
 * Claims a model for one training.
 *
 * @returns a function that gives the model back
 * @throws ModelInTrainingError when another training has it
 */
export function claimModel(model: TrainedModel): () => void {
  if (inTraining.has(model)) throw new ModelInTrainingError(model.architecture)
  inTraining.add(model)
  return () => void inTraining.delete(model)
}
