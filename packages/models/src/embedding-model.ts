import { type Batch, type BipartiteGraph, Rng, type SampledGraph } from '@gnnrec/graph'
import { gatherRows, gatherRowsPair, type NodeRows, type NodeTensors } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { type BatchTensors, batchTensors } from './batch-tensors.js'
import { type Initialization, initializeTable } from './initialization.js'
import type { WeightedTerms } from './losses/ranking-loss.js'
import type { ForwardOptions, SampledOperator, SampledPropagation } from './model-contract.js'
import { SampledGraphUnsupportedError } from './parameters/errors.js'
import { embeddingMemory } from './parameters/model-memory.js'
import {
  type BatchForward,
  type BatchRows,
  RankingModel,
  type ResolvedRankingOptions,
} from './ranking-model.js'

/** Settings of an {@link EmbeddingModel}; see `EmbeddingOptions`. */
export interface ResolvedEmbeddingOptions extends ResolvedRankingOptions {
  readonly embeddingDim: number
  /** @defaultValue 'normal' */
  readonly initialization?: Initialization
  readonly initialDeviation: number
}

/** What the loss of a batch is made of, with the tables that its rows come from. */
export interface EmbeddingBatchForward extends BatchForward {
  /**
   * Final embeddings of all users [userCount, d] and items [itemCount, d]. Models that compute the
   * batch's rows alone make them when they are asked for.
   */
  readonly tables: NodeTensors
  /** On a sample of the graph, final embeddings of those of {@link EmbeddingModel.lossItems} that it has. */
  readonly others?: { readonly items: Int32Array; readonly rows: Tensor2D }
}

/**
 * A model with one free embedding per user and per item (layer 0), trained on what
 * {@link forwardBatch} makes of them; L2 acts on the batch's rows of layer 0:
 *
 *     loss = mean softplus(s⁻ - s⁺) + l2Weight · ½/B · Σ_b (‖p_u‖² + ‖q_i‖² + ‖q_j‖²)
 *
 * by default; see `loss` and `l2Convention` of its options for others.
 */
export abstract class EmbeddingModel extends RankingModel {
  protected constructor(
    graph: BipartiteGraph,
    settings: ResolvedEmbeddingOptions & Readonly<Record<string, unknown>>,
  ) {
    super(graph, settings, embeddingMemory(graph, settings))
    const rng = Rng.fromSeed(settings.seed).fork('init')
    const { embeddingDim } = settings
    for (const [name, side, rows] of [
      ['userEmbeddings', 'users', graph.userCount],
      ['itemEmbeddings', 'items', graph.itemCount],
    ] as const) {
      const values = new Float32Array(rows * embeddingDim)
      initializeTable(values, [rows, embeddingDim], rng.fork(side), {
        initialization: 'normal',
        ...settings,
      })
      this.addParameter(name, values, [rows, embeddingDim], 'embeddings')
    }
    this.addLossParameters()
  }

  /** The free embeddings: users [userCount, d] and items [itemCount, d]. */
  protected get layerZero(): NodeTensors {
    const { userEmbeddings, itemEmbeddings } = this.parameters()
    return { users: userEmbeddings as Tensor2D, items: itemEmbeddings as Tensor2D }
  }

  override forward(options: ForwardOptions = {}): NodeTensors {
    const { users, items } = tf.tidy(() => this.forwardBatch(options))
    const layerZero = this.layerZero
    // What is returned belongs to the caller, who may dispose of it.
    return {
      users: users === layerZero.users ? tf.clone(users) : users,
      items: items === layerZero.items ? tf.clone(items) : items,
    }
  }

  /** {@link forward}, which may return layer 0 itself. */
  protected abstract forwardBatch(options: ForwardOptions): NodeTensors

  /**
   * Whether layer 0 itself is what is ranked by, and the loss has no terms but those of every model: then
   * the batch's rows need not be copied. Holds for the class that says so itself, not for those that
   * inherit it.
   */
  protected get ranksByLayerZero(): boolean {
    return false
  }

  /**
   * The operator of which {@link propagateSampled} takes samples; or why the model needs the whole
   * graph, to be put after a colon. Holds for the class that says so itself, not for those that inherit
   * it, which may compute something else.
   */
  protected get sampledOperator(): SampledOperator {
    return 'it does not say that it can propagate over a part of the graph'
  }

  /**
   * Final embeddings of the nodes of a batch, for models that have a {@link sampledOperator}. Gets layer 0
   * of the nodes of the sample (users and items), the sample, with the operator of each propagation step
   * in the order in which they act, and the places in it of the batch's k users and n items, those of
   * {@link lossItems} among them.
   *
   * @returns users [k, d] and items [n, d]
   */
  protected propagateSampled(
    _layerZero: NodeTensors,
    _sampled: SampledGraph,
    _rows: NodeRows,
  ): NodeTensors {
    throw new SampledGraphUnsupportedError(this.architecture, 'it has no propagateSampled')
  }

  /** Items that the loss of a batch on a sample looks at besides, ascending and distinct. */
  protected lossItems(_batch: Batch): Int32Array {
    return new Int32Array(0)
  }

  override sampledPropagation(): SampledPropagation {
    const isOwn = Object.hasOwn(Object.getPrototypeOf(this), 'sampledOperator')
    const operator = isOwn
      ? this.sampledOperator
      : `its class does not say itself (sampledOperator) that it can propagate over a part of the graph`
    if (typeof operator === 'string') {
      throw new SampledGraphUnsupportedError(this.architecture, operator)
    }
    return { ...operator, usesNegatives: this.usesNegatives }
  }

  protected override batchTerms(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
    batch: Batch,
  ): WeightedTerms {
    if (batch.sampled) {
      const forward = this.#sampledForward(batch, batch.sampled, options)
      return this.weightedTerms(forward, batch, indices)
    }
    // A subclass of the class that says so may compute something else.
    const isOwn = Object.hasOwn(Object.getPrototypeOf(this), 'ranksByLayerZero')
    const terms =
      isOwn && this.ranksByLayerZero
        ? this.pairwiseTerms(this.layerZero, indices, batch)
        : undefined
    return terms ?? super.batchTerms(indices, options, batch)
  }

  #sampledForward(
    batch: Batch,
    sampled: SampledGraph,
    options: Required<ForwardOptions>,
  ): EmbeddingBatchForward {
    const { users, positives, negatives } = batch
    const places = batchTensors({
      users: sampled.placesOfUsers(users),
      positives: sampled.placesOfItems(positives),
      negatives: sampled.placesOfItems(negatives),
    })
    const { layerZero } = this
    const own = {
      users: gatherRows(layerZero.users, tf.tensor1d(sampled.users, 'int32')),
      items: gatherRows(layerZero.items, tf.tensor1d(sampled.items, 'int32')),
    }
    const nodes = batchNodes(places)
    const others = inSample(sampled, this.lossItems(batch))
    const count = others.items.length
    const items = count > 0 ? tf.concat([nodes.items, others.places]) : nodes.items
    const final = this.propagateSampled(own, sampled, { users: nodes.users, items })
    const tables = () => this.forwardBatch(options)
    return {
      final: splitBatchNodes(final, places),
      regularized: gatherBatch(own, places),
      others: {
        items: others.items,
        rows: tf.slice(final.items, [nodes.items.size, 0], [count, final.items.shape[1]]),
      },
      // The loss needs rows only; whoever adds terms on all nodes asks for these, of the whole graph.
      get tables() {
        return tables()
      },
    }
  }

  protected override batchForward(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
  ): EmbeddingBatchForward {
    const { layerZero } = this
    const tables = this.forwardBatch(options)
    const final = gatherBatch(tables, indices)
    const isLayerZero = tables.users === layerZero.users && tables.items === layerZero.items
    return { tables, final, regularized: isLayerZero ? final : gatherBatch(layerZero, indices) }
  }
}

/** Those of some ascending items that a sample has, and their places in it. */
function inSample({ items: own }: SampledGraph, items: Int32Array) {
  const isIn = new Uint8Array(items.length)
  const places = new Int32Array(items.length)
  let [place, count] = [0, 0]
  for (let at = 0; at < items.length; at++) {
    while (place < own.length && own[place] < items[at]) place++
    isIn[at] = Number(own[place] === items[at])
    if (isIn[at] === 1) places[count++] = place
  }
  return {
    items: items.filter((_, at) => isIn[at] === 1),
    places: tf.tensor1d(places.subarray(0, count), 'int32'),
  }
}

/** The rows of a batch. */
export function gatherBatch(tables: NodeTensors, indices: BatchTensors): BatchRows {
  const users = gatherRows(tables.users, indices.users)
  // Together, so that both gradients are summed into one table.
  const [positives, negatives] = gatherRowsPair(tables.items, indices.positives, indices.negatives)
  return { users, positives, negatives }
}

/** The nodes of a batch, positives before negatives. */
export function batchNodes({ users, positives, negatives }: BatchTensors): NodeRows {
  return { users, items: tf.concat([positives, negatives]) }
}

/** Rows of {@link batchNodes} as those of a batch. */
export function splitBatchNodes(
  { users, items }: NodeTensors,
  { positives, negatives }: BatchTensors,
): BatchRows {
  const count = positives.size
  const [positiveRows, negativeRows] = gatherRowsPair(
    items,
    tf.range(0, count, 1, 'int32'),
    tf.range(count, count + negatives.size, 1, 'int32'),
  )
  return { users, positives: positiveRows, negatives: negativeRows }
}
