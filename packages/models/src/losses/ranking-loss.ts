import type { BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { ScoreRule } from '../model-contract.js'

/** A part of a loss and its weight; a part of weight 0 is logged and has no gradient. */
interface WeightedTerm {
  readonly value: Scalar
  readonly weight: number
}

/** Parts of a loss by name, in the order in which they are added. */
export type WeightedTerms = Readonly<Record<string, WeightedTerm>>

/** The input of a loss: final embeddings of a batch of B samples. */
export interface LossInput {
  /** Embeddings of users [B, d]. */
  readonly users: Tensor2D
  /** Embeddings of positives [B, d]. */
  readonly positives: Tensor2D
  /** Embeddings of negatives [B · n, d], those of a sample side by side; no rows if the loss uses none. */
  readonly negatives: Tensor2D
  /** Number n of negatives per positive, or 0 if the loss uses none. */
  readonly negativesPerPositive: number
  /** Bias of the positives [B] and negatives [B · n], if the loss asked for one. */
  readonly bias?: { readonly positives: Tensor1D; readonly negatives: Tensor1D } | undefined
  /** Indices of the batch, for losses that need to know which rows are the same node. */
  readonly indices: {
    readonly users: Int32Array
    readonly positives: Int32Array
    readonly negatives: Int32Array
  }
  readonly graph: BipartiteGraph
}

/** A ranking loss that any model can be trained with. */
export interface RankingLoss {
  /** The formula of a score from embeddings that were trained with this loss. */
  readonly scoreRule: ScoreRule
  /** True when the model has to train a bias per item. */
  readonly itemBias: boolean
  /** A fixed number per item [itemCount] that ranking adds to its scores and training does not. */
  readonly rankingBias?: ((graph: BipartiteGraph) => Float32Array) | undefined
  /**
   * True when the loss looks at the negatives of a batch. Otherwise they are left out of the batch before
   * the model sees it: nothing is gathered for them and L2 does not act on them.
   */
  readonly usesNegatives: boolean
  /** The strategy that batches have to be drawn by, if the loss corrects for it. */
  readonly sampling?: SamplingStrategy | undefined
  /** Computes the parts of the loss; differentiable. */
  terms(input: LossInput): WeightedTerms
}
