import { InvalidOptionsError } from '@gnnrec/graph'
import { type LoadOptions, type ModelSource, SerializationError } from '@gnnrec/serving'
import type { HostTensor, ModelParts } from '@gnnrec/serving/model-folder'
import { ModelTooLargeError } from '../parameters/model-too-large-error.js'
import type { ModelClass, RecommenderModel } from '../registry/model-class.js'
import { savedGraph } from './saved-graph.js'

/**
 * Loads a model of a class with its weights and the graph it was trained on.
 *
 * @param restore - puts the saved tensors into a new model
 * @throws SerializationError when a file is missing, damaged, too new or of another architecture, or has options
 * that the class refuses
 */
export async function loadModel<Model extends RecommenderModel>(
  modelClass: ModelClass<Model>,
  source: ModelSource,
  options: LoadOptions,
  restore: (model: Model, tensors: ReadonlyMap<string, HostTensor>) => void,
): Promise<Model> {
  const { readModelFolder } = await import('@gnnrec/serving/model-folder')
  const parts = await readModelFolder(source, { ...options, weights: true })
  if (parts.architecture !== modelClass.architecture) {
    throw new SerializationError(
      `The saved model has the architecture '${parts.architecture}', not '${modelClass.architecture}'; load it with its own class (models.get(name) finds those of @gnnrec/models).`,
    )
  }
  const model = makeModel(modelClass, parts)
  try {
    model.splitHash = parts.splitHash
    restore(model, parts.weights as ReadonlyMap<string, HostTensor>)
    return model
  } catch (error) {
    model.dispose()
    throw error
  }
}

/** Makes the model that the options of a file describe; its tables are made later, from those of the file. */
function makeModel<Model extends RecommenderModel>(
  modelClass: ModelClass<Model>,
  parts: ModelParts,
): Model {
  try {
    return new modelClass(savedGraph(parts), parts.options as never)
  } catch (cause) {
    if (!(cause instanceof InvalidOptionsError) && !(cause instanceof ModelTooLargeError))
      throw cause
    throw new SerializationError(
      `The saved options are none of '${modelClass.architecture}', so the file is damaged or foreign. ${cause.message}`,
      { cause },
    )
  }
}
