import type { BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { ScoreRule } from '../model-contract.js'

/** A part of a loss and how much it counts; a part of weight 0 is logged and has no gradient. */
export interface WeightedTerm {
  readonly value: Scalar
  readonly weight: number
}

/** Parts of a loss by name, in the order in which they are added. */
export type WeightedTerms = Readonly<Record<string, WeightedTerm>>

/** What a loss judges: final embeddings of a batch of B samples. */
export interface LossInput {
  /** [B, d] */
  readonly users: Tensor2D
  /** [B, d] */
  readonly positives: Tensor2D
  /** [B · n, d], the n negatives of a sample beside each other; no rows if the loss has no use. */
  readonly negatives: Tensor2D
  /** n, an integer >= 1, or 0 if the loss has no use for negatives. */
  readonly negativesPerPositive: number
  /** Bias of the positives [B] and negatives [B · n], if the loss asked for one. */
  readonly bias?: { readonly positives: Tensor1D; readonly negatives: Tensor1D } | undefined
  /** The batch's indices, for losses that need to know who is who. */
  readonly indices: {
    readonly users: Int32Array
    readonly positives: Int32Array
    readonly negatives: Int32Array
  }
  readonly graph: BipartiteGraph
}

/** A training objective as a part that any model takes. */
export interface RankingLoss {
  /** How scores follow from embeddings that were trained with this loss. */
  readonly scoreRule: ScoreRule
  /** Whether the model has to train a bias per item. */
  readonly itemBias: boolean
  /** A fixed number per item [itemCount] that ranking adds to its scores and training does not. */
  readonly rankingBias?: ((graph: BipartiteGraph) => Float32Array) | undefined
  /**
   * Whether it looks at the negatives of a batch. Where not, they are left out of the batch before
   * the model sees it: nothing is gathered for them and L2 does not act on them.
   */
  readonly usesNegatives: boolean
  /** How batches have to be drawn, where the loss corrects for it; any way if undefined. */
  readonly sampling?: SamplingStrategy | undefined
  /** Differentiable. */
  terms(input: LossInput): WeightedTerms
}
