import type { BipartiteGraph } from '@gnnrec/graph'
import { type ModelSource, SerializationError } from '@gnnrec/serving'
import type { HostTensor } from '@gnnrec/serving/model-folder'
import { savedGraph } from './saved-graph.js'

/** A concrete model class: it has a name and is made from a graph and options. */
export interface GraphModelClass<Model> {
  readonly architecture: string
  new (graph: BipartiteGraph, options: never): Model
}

interface LoadedModel {
  splitHash: string | null
  dispose(): void
}

/**
 * A model of a class with its weights and the graph it was trained on.
 *
 * @param restore - puts the saved tensors into a new model
 * @throws SerializationError when a file is missing, damaged, too new or of another architecture
 */
export async function loadModel<Model extends LoadedModel>(
  modelClass: GraphModelClass<Model>,
  source: ModelSource,
  restore: (model: Model, tensors: ReadonlyMap<string, HostTensor>) => void,
): Promise<Model> {
  const { readModelFolder } = await import('@gnnrec/serving/model-folder')
  const parts = await readModelFolder(source, { weights: true })
  if (parts.architecture !== modelClass.architecture) {
    throw new SerializationError(
      `The saved model has the architecture '${parts.architecture}', not '${modelClass.architecture}'; load it with the class of that name.`,
    )
  }
  const model = new modelClass(savedGraph(parts), parts.options as never)
  try {
    model.splitHash = parts.splitHash
    restore(model, parts.weights as ReadonlyMap<string, HostTensor>)
    return model
  } catch (error) {
    model.dispose()
    throw error
  }
}
