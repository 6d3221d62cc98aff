import type { Scalar } from '@tensorflow/tfjs-core'
import type { TensorDescription } from './parameters/model-tensors.js'

/** How a model is called. */
export interface ForwardOptions {
  /**
   * Whether this is a training step: dropout and pruning act only then.
   *
   * @defaultValue false for `forward`, true for `loss` and `lossTerms`
   */
  readonly training?: boolean
}

/** Where training stands in an epoch, for `GraphModel.beginEpoch`. */
export interface BeginEpochOptions {
  /** The first step that will be trained, from 0: training that resumes. @defaultValue 0 */
  readonly startStep?: number
}

/** Options of `GraphModel.prepare`. */
export interface PrepareOptions {
  /** Ends the work early with its reason as error; the model can be prepared again. */
  readonly signal?: AbortSignal | undefined
}

/** The tensors of a model and their sizes. */
export interface ModelDescription {
  readonly architecture: string
  readonly options: Readonly<Record<string, unknown>>
  readonly tensors: readonly TensorDescription[]
  /** Numbers that are trained. */
  readonly parameterCount: number
  /** Bytes of what is trained. */
  readonly parameterBytes: number
}

/** What a model propagates, for those who sample a part of the graph for it. */
export interface SampledPropagation {
  /** Propagation steps of a sample, an integer >= 1. */
  readonly steps: number
  /** α of the operator (D + αI)^{-1/2} A (D + αI)^{-1/2} that is sampled. */
  readonly regularization: number
  /** Whether the loss looks at negatives, which then have to be in the sample. */
  readonly usesNegatives: boolean
  /** Items that the loss of a batch looks at besides, known once the model is prepared; by default none. */
  readonly otherItems?: () => OtherItems | undefined
}

/** For each item others that the loss looks at when it is a positive; plain data. */
export interface OtherItems {
  /** Places of an item. */
  readonly perItem: number
  /** [itemCount × perItem], row-major; -1 where there is none. */
  readonly items: Int32Array
}

/** What of the graph a model samples, or why it needs the whole, to be put after a colon. */
export type SampledOperator = Omit<SampledPropagation, 'usesNegatives'> | string

/** A loss and what it is made of. */
export interface LossTerms {
  /** What training minimises. */
  readonly total: Scalar
  /** The parts by name, for the log; weights are not applied. */
  readonly terms: Readonly<Record<string, Scalar>>
}

/** How scores follow from embeddings; travels with a saved model. */
export interface ScoreRule {
  readonly similarity: 'dot' | 'cosine'
  readonly scale: number
}
