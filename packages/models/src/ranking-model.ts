import type { Batch, BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import { gatherRows, type NodeTensors } from '@gnnrec/ops'
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { type BatchTensors, batchTensors, checkBatch } from './batch-tensors.js'
import { GraphModel } from './graph-model.js'
import { batchL2, type L2Convention } from './losses/batch-l2.js'
import { type LossSettings, lossFrom, lossNames } from './losses/loss-settings.js'
import { pairwiseTerms } from './losses/pairwise-terms.js'
import type { RankingLoss, WeightedTerms } from './losses/ranking-loss.js'
import type { ForwardOptions, LossTerms, ScoreRule } from './model-contract.js'
import type { ModelMemory } from './parameters/model-too-large-error.js'

/** Settings of a {@link RankingModel}; see `RankingOptions`. */
export interface ResolvedRankingOptions {
  /** @defaultValue { name: 'bpr' } */
  readonly loss?: LossSettings
  /** @defaultValue 0 */
  readonly l2Weight?: number
  /** @defaultValue 'mean-squares' */
  readonly l2Convention?: L2Convention
  readonly seed: number | string
}

/**
 * Rows of users [B, d], positives [B, d] and negatives [B · n, d] of a batch; n is 0 if the loss does
 * not look at negatives.
 */
export interface BatchRows {
  readonly users: Tensor2D
  readonly positives: Tensor2D
  readonly negatives: Tensor2D
}

/** What the loss of a batch is made of. */
export interface BatchForward {
  /** Final embeddings, which the loss ranks by. */
  readonly final: BatchRows
  /** The rows that L2 acts on. */
  readonly regularized: BatchRows
}

/**
 * A model that is trained on batches of (user, positive, negatives) with one of the losses and L2 on
 * the batch's rows:
 *
 *     loss = ranking loss + l2Weight · L2
 *
 * L2 acts on the rows that the loss looks at: without negatives, on those of users and positives.
 * Subclasses write {@link batchForward}; those with further terms extend {@link weightedTerms}.
 */
export abstract class RankingModel extends GraphModel {
  static override readonly capabilities = {
    isTrained: true,
    isSeeded: true,
    losses: lossNames,
    sampledGraphs: false,
    files: false,
  }

  readonly #loss: RankingLoss
  readonly #settings: ResolvedRankingOptions

  protected constructor(
    graph: BipartiteGraph,
    settings: ResolvedRankingOptions & Readonly<Record<string, unknown>>,
    memory?: ModelMemory,
  ) {
    super(graph, settings, memory)
    this.#settings = settings
    this.#loss = lossFrom(settings.loss ?? { name: 'bpr' }, graph.itemCount)
  }

  /**
   * Adds the parameters of the loss; a constructor calls it after adding its own.
   */
  protected addLossParameters(): void {
    const { itemCount } = this.graph
    if (!this.#loss.itemBias) return
    this.addParameter('itemBias', new Float32Array(itemCount), [itemCount], 'embeddings')
  }

  protected override itemBias(): Tensor1D | undefined {
    const trained = this.#trainedBias()
    const fixed = this.#loss.rankingBias?.(this.graph)
    if (!fixed) return trained
    const bias = tf.tensor1d(fixed)
    return trained ? tf.add<Tensor1D>(trained, bias) : bias
  }

  #trainedBias(): Tensor1D | undefined {
    return this.parameters()['itemBias'] as Tensor1D | undefined
  }

  /** Whether the loss looks at the negatives of a batch. */
  protected get usesNegatives(): boolean {
    return this.#loss.usesNegatives
  }

  override get requiredSampling(): SamplingStrategy | undefined {
    return this.#loss.sampling
  }

  protected override scoreRule(): ScoreRule {
    return this.#loss.scoreRule
  }

  /**
   * @inheritDoc
   * @throws ShapeMismatchError when the batch is empty or its columns do not fit each other
   * @throws UnknownIdError when an index is not one of the graph, or not in the batch's sample of it
   * @throws SampledGraphUnsupportedError when the batch has a sample of the graph and the model needs it
   * all
   */
  override lossTerms(batch: Batch, { training = true }: ForwardOptions = {}): LossTerms {
    checkBatch(batch, this.graph)
    if (batch.sampled) this.sampledPropagation()
    const used = this.usesNegatives ? batch : { ...batch, negatives: new Int32Array(0) }
    return tf.tidy(() => {
      const indices = batchTensors(used)
      const weighted = this.batchTerms(indices, { training }, used)
      const terms: Record<string, Scalar> = {}
      let total: Scalar | undefined
      for (const [name, { value, weight }] of Object.entries(weighted)) {
        terms[name] = value
        if (weight === 0) continue
        const part = weight === 1 ? value : tf.mul<Scalar>(value, weight)
        total = total ? tf.add<Scalar>(total, part) : part
      }
      return { total: total ?? tf.scalar(0), terms }
    })
  }

  /** The parts of the loss of a batch; subclasses that can do without the rows write it anew. */
  protected batchTerms(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
    batch: Batch,
  ): WeightedTerms {
    return this.weightedTerms(this.batchForward(indices, options, batch), batch, indices)
  }

  /** {@link pairwiseTerms} on two tables, which both are trained and ranked by. */
  protected pairwiseTerms(
    tables: NodeTensors,
    indices: BatchTensors,
    batch: Batch,
  ): WeightedTerms | undefined {
    return pairwiseTerms(tables, indices, batch, this.#settings)
  }

  /** The rows of a batch, differentiable; what it makes is freed by the caller. */
  protected abstract batchForward(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
    batch: Batch,
  ): BatchForward

  /** The parts of the loss; those of the ranking loss, then `l2`. */
  protected weightedTerms(
    forward: BatchForward,
    batch: Batch,
    indices: BatchTensors,
  ): WeightedTerms {
    return { ...this.rankingTerms(forward.final, batch, indices), ...this.l2Term(forward, batch) }
  }

  /** The parts of the ranking loss. */
  protected rankingTerms(final: BatchRows, batch: Batch, indices: BatchTensors): WeightedTerms {
    const bias = this.#trainedBias()
    return this.#loss.terms({
      ...final,
      negativesPerPositive: batch.negatives.length / batch.users.length,
      bias: bias && {
        positives: gatherNumbers(bias, indices.positives),
        negatives: gatherNumbers(bias, indices.negatives),
      },
      indices: batch,
      graph: this.graph,
    })
  }

  /** L2 on the rows of the batch, as `l2`. */
  protected l2Term({ regularized }: BatchForward, batch: Batch): WeightedTerms {
    const { users, positives, negatives } = regularized
    const { l2Weight = 0, l2Convention } = this.#settings
    const value = batchL2([users, positives, negatives], batch.users.length, l2Convention)
    return { l2: { value, weight: l2Weight } }
  }
}

function gatherNumbers(numbers: Tensor1D, indices: Tensor1D): Tensor1D {
  return tf.reshape(gatherRows(tf.reshape(numbers, [-1, 1]), indices), [-1])
}
