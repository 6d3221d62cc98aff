import type { Batch, BipartiteGraph, SamplingStrategy } from '@gnnrec/graph'
import { gatherRows } from '@gnnrec/ops'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { batchL2, type L2Convention } from '../losses/batch-l2.js'
import { type LossSettings, lossFrom } from '../losses/loss-settings.js'
import { pairwiseTerms } from '../losses/pairwise-terms.js'
import type { RankingLoss, WeightedTerms } from '../losses/ranking-loss.js'
import type { LossTerms, PrepareOptions, ScoreRule } from '../model-contract.js'
import { ModelTensors } from '../parameters/model-tensors.js'
import type { BatchForward, BatchRows } from './batch-rows.js'
import { type BatchTensors, batchTensors, checkBatch } from './batch-tensors.js'

/** Settings of a {@link RankingObjective}; see `RankingOptions`. */
export type ObjectiveSettings = {
  /** The ranking loss. @defaultValue { name: 'bpr' } */
  readonly loss?: LossSettings
  /** Weight of the L2 term. @defaultValue 0 */
  readonly l2Weight?: number
  /** Form of the L2 term. @defaultValue 'mean-squares' */
  readonly l2Convention?: L2Convention
}

/**
 * The objective of a model: a ranking loss and L2 on the rows of batches of (user, positive, negatives):
 *
 *     loss = ranking loss + l2Weight · L2
 *
 * L2 acts on the rows that the loss looks at: without negatives, on those of users and positives. The rows
 * may come from a model, from files or from anywhere else. If the loss has an item bias, the objective owns
 * that parameter.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { RankingObjective } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *   ]),
 * )
 * const objective = new RankingObjective(graph, { loss: { name: 'bpr' }, l2Weight: 0.1 })
 * const batch = {
 *   users: Int32Array.of(0),
 *   positives: Int32Array.of(0),
 *   negatives: Int32Array.of(1),
 * }
 * const rows = {
 *   users: tf.tensor2d([[1, 0]]),
 *   positives: tf.tensor2d([[1, 0]]),
 *   negatives: tf.tensor2d([[0, 1]]),
 * }
 * const { total, terms } = objective.lossTerms(batch, () => ({ final: rows, regularized: rows }))
 * console.log(total.dataSync()[0], Object.keys(terms))
 * ```
 */
export class RankingObjective {
  readonly graph: BipartiteGraph
  /** The trained tensors of the objective itself: `itemBias`, or none. */
  readonly tensors = new ModelTensors('ranking objective')
  readonly #loss: RankingLoss
  readonly #settings: ObjectiveSettings

  /** @throws InvalidOptionsError when a setting of the loss is misspelt or out of range */
  constructor(graph: BipartiteGraph, settings: ObjectiveSettings = {}) {
    const { itemCount } = graph
    this.graph = graph
    this.#settings = settings
    this.#loss = lossFrom(settings.loss ?? { name: 'bpr' }, itemCount)
    if (!this.#loss.itemBias) return
    const zeros = () => new Float32Array(itemCount)
    this.tensors.addParameter('itemBias', zeros, [itemCount], 'embeddings')
  }

  /** True when the loss looks at the negatives of a batch. */
  get usesNegatives(): boolean {
    return this.#loss.usesNegatives
  }

  /** The strategy that batches have to be drawn by; any strategy if undefined. */
  get requiredSampling(): SamplingStrategy | undefined {
    return this.#loss.sampling
  }

  /** The formula of a score from final embeddings. */
  get scoreRule(): ScoreRule {
    return this.#loss.scoreRule
  }

  /**
   * Computes what the objective needs once from its graph, if it needs anything.
   *
   * @throws the reason of `signal` once it is aborted
   */
  async prepare(_options: PrepareOptions = {}): Promise<void> {}

  /**
   * Returns further items whose final embeddings the loss of a batch looks at, ascending and distinct. They
   * are the `others` of its rows, unless the rows have whole tables.
   */
  otherItems(_batch: Batch): Int32Array {
    return new Int32Array(0)
  }

  /** Returns a number per item [itemCount] that is added to its scores, if there is one; call it in a `tf.tidy`. */
  itemBias(): Tensor1D | undefined {
    const trained = this.#trainedBias()
    const fixed = this.#loss.rankingBias?.(this.graph)
    if (!fixed) return trained
    const bias = tf.tensor1d(fixed)
    return trained ? tf.add<Tensor1D>(trained, bias) : bias
  }

  /**
   * Computes the loss of a batch and its parts; differentiable.
   *
   * @param rowsOf - gives the rows of a batch, whose negatives are left out if the loss does not look at them
   * @param termsOf - gives the weighted parts of the loss from the rows. Default: {@link terms}
   * @throws ShapeMismatchError when the batch is empty or its columns do not fit each other
   * @throws UnknownIdError when an index is not one of the graph
   */
  lossTerms<Rows extends BatchForward>(
    batch: Batch,
    rowsOf: (indices: BatchTensors, batch: Batch) => Rows,
    termsOf = (rows: Rows, used: Batch, indices: BatchTensors): WeightedTerms =>
      this.terms(rows, used, indices),
  ): LossTerms {
    this.checkPrepared()
    checkBatch(batch, this.graph)
    const used = this.usesNegatives ? batch : { ...batch, negatives: new Int32Array(0) }
    return tf.tidy(() => {
      const indices = batchTensors(used)
      const weighted = termsOf(rowsOf(indices, used), used, indices)
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

  /** Throws an error when {@link prepare} has to come first. */
  protected checkPrepared(): void {}

  /** Computes the parts of the loss from the rows of a batch: those of the ranking loss, then `l2`. */
  terms(rows: BatchForward, batch: Batch, indices: BatchTensors): WeightedTerms {
    const { shared } = rows
    // A derived class may compute the parts in its own way.
    const { rankingTerms, l2Term } = RankingObjective.prototype
    const isUsual = this.rankingTerms === rankingTerms && this.l2Term === l2Term
    const together = shared && isUsual && pairwiseTerms(shared, indices, batch, this.#settings)
    if (together) return together
    return { ...this.rankingTerms(rows.final, batch, indices), ...this.l2Term(rows, batch) }
  }

  /** Computes the parts of the ranking loss. */
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

  /** Computes L2 on the rows of the batch, as `l2`. */
  protected l2Term({ regularized }: BatchForward, batch: Batch): WeightedTerms {
    const { users, positives, negatives } = regularized
    const { l2Weight = 0, l2Convention } = this.#settings
    const value = batchL2([users, positives, negatives], batch.users.length, l2Convention)
    return { l2: { value, weight: l2Weight } }
  }

  #trainedBias(): Tensor1D | undefined {
    return this.tensors.variables()['itemBias'] as Tensor1D | undefined
  }
}

function gatherNumbers(numbers: Tensor1D, indices: Tensor1D): Tensor1D {
  return tf.reshape(gatherRows(tf.reshape(numbers, [-1, 1]), indices), [-1])
}
