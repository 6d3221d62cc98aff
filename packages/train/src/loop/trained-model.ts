import type { BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import type { GraphModel } from '@gnnrec/models'

/** A description of the model in training; every `GraphModel` is one. */
export interface TrainedModel {
  /** Name of the model, for errors and checkpoints. */
  readonly architecture: string
  /** Options of the model, which a checkpoint is compared with. */
  readonly options: Readonly<Record<string, unknown>>
  /** The graph whose edges are trained on. */
  readonly graph: BipartiteGraph
  /** The only way of drawing batches that the loss is right for; undefined when any will do. */
  readonly requiredSampling: SamplingStrategy | undefined
  /** Lists the tensors of the model. */
  describe(): {
    readonly tensors: readonly Pick<
      ReturnType<GraphModel['describe']>['tensors'][number],
      'name' | 'shape' | 'role'
    >[]
  }
  /** Describes the part of the graph that a batch needs; left out when the model needs the whole graph. */
  sampledPropagation?(): ReturnType<GraphModel['sampledPropagation']>
}
