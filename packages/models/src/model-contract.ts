import type { Scalar } from '@tensorflow/tfjs-core'
import type { TensorDescription } from './parameters/model-tensors.js'

/** Options of a call of a model. */
export interface ForwardOptions {
  /**
   * True in a training step: dropout and pruning act only then.
   *
   * @defaultValue false for `forward`, true for `loss` and `lossTerms`
   */
  readonly training?: boolean
}

/** Options of `GraphModel.beginEpoch`. */
export interface BeginEpochOptions {
  /** The first step that will be trained, from 0; a resumed training starts later. @defaultValue 0 */
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
  /** Count of trained numbers. */
  readonly parameterCount: number
  /** Bytes of the trained numbers. */
  readonly parameterBytes: number
}

/** The requirements of a model on a sample of the graph that it propagates on. */
export interface SampledPropagation {
  /** Propagation steps of a sample, an integer >= 1. */
  readonly steps: number
  /** α of the operator (D + αI)^{-1/2} A (D + αI)^{-1/2} that is sampled. */
  readonly regularization: number
  /** True when the loss looks at negatives, which then have to be in the sample. */
  readonly usesNegatives: boolean
  /** Returns further items that the loss of a batch looks at, once the model is prepared. @defaultValue no items */
  readonly otherItems?: () => OtherItems | undefined
}

/** Further items that the loss looks at when an item is a positive; plain data. */
export interface OtherItems {
  /** Number of places per item. */
  readonly perItem: number
  /** Indices [itemCount × perItem], row-major; -1 in an empty place. */
  readonly items: Int32Array
}

/** The operator that a model samples, or the reason why it needs the whole graph, to be put after a colon. */
export type SampledOperator = Omit<SampledPropagation, 'usesNegatives'> | string

/** A loss and its parts. */
export interface LossTerms {
  /** The scalar that training minimizes. */
  readonly total: Scalar
  /** The parts by name, for the log; weights are not applied. */
  readonly terms: Readonly<Record<string, Scalar>>
}

/** The formula of a score from embeddings, which is saved with a model. */
export interface ScoreRule {
  /** The function of the two embeddings. */
  readonly similarity: 'dot' | 'cosine'
  /** The factor of the similarity. */
  readonly scale: number
  /**
   * The treatment of users and items without training interactions. `'model'` is right for models that know
   * something of them, from features for instance.
   *
   * @defaultValue 'popularity'
   */
  readonly coldStart?: 'popularity' | 'model'
}
