import { type Batch, type BipartiteGraph, type Id, Rng, type SampledGraph } from '@gnnrec/graph'
import { gatherRows, type NodeRows, type NodeTensors } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { GraphModel } from './graph-model.js'
import { type Initialization, initializeTable } from './initialization.js'
import { lossNames } from './losses/loss-settings.js'
import type { WeightedTerms } from './losses/ranking-loss.js'
import type {
  ForwardOptions,
  LossTerms,
  SampledOperator,
  SampledPropagation,
} from './model-contract.js'
import {
  type BatchForward,
  batchNodes,
  gatherBatch,
  SharedRows,
  splitBatchNodes,
} from './objective/batch-rows.js'
import { type BatchTensors, batchTensors } from './objective/batch-tensors.js'
import { type ObjectiveSettings, RankingObjective } from './objective/ranking-objective.js'
import { checkClass, checkEmbeddingSettings } from './own-class.js'
import { SampledGraphUnsupportedError } from './parameters/errors.js'
import { embeddingMemory } from './parameters/model-memory.js'

/** Settings of an {@link EmbeddingModel} in full; see `EmbeddingOptions`. */
export type ResolvedEmbeddingOptions = ObjectiveSettings & {
  readonly embeddingDim: number
  /** @defaultValue 'normal' */
  readonly initialization?: Initialization
  readonly initialDeviation: number
  readonly seed: number | string
  /** Propagation steps, for models that propagate. */
  readonly layers?: number
  readonly maxMemory?: number | undefined
}

/**
 * A model with one free embedding per user and per item (layer 0), trained on what
 * {@link forwardBatch} makes of them; L2 acts on the batch's rows of layer 0:
 *
 *     loss = mean softplus(s⁻ - s⁺) + l2Weight · ½/B · Σ_b (‖p_u‖² + ‖q_i‖² + ‖q_j‖²)
 *
 * by default; see `loss` and `l2Convention` of its options for others. The loss is that of its
 * {@link objective}, a {@link RankingObjective} unless the constructor is given another.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { EmbeddingModel } from '@gnnrec/models'
 * import type { NodeTensors } from '@gnnrec/ops'
 *
 * class Factors extends EmbeddingModel {
 *   static override readonly architecture = 'factors'
 *
 *   constructor(graph: BipartiteGraph) {
 *     super(graph, { embeddingDim: 4, initialDeviation: 0.1, seed: 1 })
 *   }
 *
 *   protected override forwardBatch(): NodeTensors {
 *     return this.layerZero
 *   }
 *
 *   override layerOutputs(): NodeTensors[] {
 *     return [this.forward()]
 *   }
 * }
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'bob', item: 'Brazil' },
 *   ]),
 * )
 * const model = new Factors(graph)
 * console.log(model.describe().parameterCount)
 * ```
 */
export abstract class EmbeddingModel<
  User extends Id = Id,
  Item extends Id = Id,
  Options extends ResolvedEmbeddingOptions = ResolvedEmbeddingOptions,
> extends GraphModel<User, Item, Options> {
  static override readonly capabilities = {
    isTrained: true,
    isSeeded: true,
    losses: lossNames,
    sampledGraphs: false,
    files: false,
    usesWeights: true,
  }

  declare readonly objective: RankingObjective

  /**
   * @throws InvalidOptionsError when a setting that every such model needs is missing or out of range, or the class
   * lacks a method that it has to write
   */
  protected constructor(
    graph: BipartiteGraph<User, Item>,
    settings: Options,
    objective?: RankingObjective,
  ) {
    checkEmbeddingSettings(new.target, settings)
    super(graph, settings, {
      memory: embeddingMemory(graph, settings),
      objective: objective ?? new RankingObjective(graph, settings),
    })
    checkClass(this, ['forwardBatch'])
    const rng = Rng.fromSeed(settings.seed).fork('init')
    const { embeddingDim, initialization = 'normal', initialDeviation } = settings
    for (const [name, side, rows] of [
      ['userEmbeddings', 'users', graph.userCount],
      ['itemEmbeddings', 'items', graph.itemCount],
    ] as const) {
      const shape = [rows, embeddingDim] as const
      const initialValues = () => {
        const values = new Float32Array(rows * embeddingDim)
        initializeTable(values, shape, rng.fork(side), { initialization, initialDeviation })
        return values
      }
      this.addParameter(name, initialValues, shape, 'embeddings')
    }
    this.addObjectiveParameters()
  }

  /** The free embeddings: users [userCount, d] and items [itemCount, d]. */
  protected get layerZero(): NodeTensors {
    const { userEmbeddings, itemEmbeddings } = this.parameters()
    return { users: userEmbeddings as Tensor2D, items: itemEmbeddings as Tensor2D }
  }

  override forward(options: ForwardOptions = {}): NodeTensors {
    const { users, items } = tf.tidy(() => this.forwardBatch(options))
    const layerZero = this.layerZero
    // The caller may dispose of the result, so it must not be layer 0 itself.
    return {
      users: users === layerZero.users ? tf.clone(users) : users,
      items: items === layerZero.items ? tf.clone(items) : items,
    }
  }

  /** Computes what {@link forward} returns; may return layer 0 itself. */
  protected abstract forwardBatch(options: ForwardOptions): NodeTensors

  /**
   * @inheritDoc
   * @throws ShapeMismatchError when the batch is empty or its columns do not fit each other
   * @throws UnknownIdError when an index is not one of the graph, or not in the batch's sample of it
   * @throws SampledGraphUnsupportedError when the batch has a sample of the graph and the model needs it
   * all
   */
  override lossTerms(batch: Batch, { training = true }: ForwardOptions = {}): LossTerms {
    return this.objective.lossTerms(
      batch,
      (indices, used) =>
        used.sampled
          ? this.#sampledForward(used, used.sampled, { training })
          : this.batchForward(indices, { training }),
      (rows, used, indices) => this.weightedTerms(rows, used, indices),
    )
  }

  /** Computes the rows of a batch; models that need not compute all rows for it write it anew. */
  protected batchForward(indices: BatchTensors, options: Required<ForwardOptions>): BatchForward {
    const { layerZero } = this
    const tables = this.forwardBatch(options)
    if (tables.users === layerZero.users && tables.items === layerZero.items) {
      return new SharedRows(layerZero, indices)
    }
    const final = gatherBatch(tables, indices)
    return { tables, final, regularized: gatherBatch(layerZero, indices) }
  }

  /** Computes the parts of the loss; a subclass with a loss of its own may change them. */
  protected weightedTerms(rows: BatchForward, batch: Batch, indices: BatchTensors): WeightedTerms {
    return this.objective.terms(rows, batch, indices)
  }

  /**
   * The operator of which {@link propagateSampled} takes samples; or why the model needs the whole
   * graph, to be put after a colon. A class that may be derived from returns `notSaidByClass` for
   * derived classes, which may compute something else.
   */
  protected get sampledOperator(): SampledOperator {
    return 'it does not say that it can propagate over a part of the graph'
  }

  /**
   * Computes the final embeddings of the nodes of a batch, for models that have a {@link sampledOperator}.
   * Gets layer 0 of the nodes of the sample (users and items), the sample, with the operator of each
   * propagation step in the order in which they act, and the places in it of the batch's k users and n items,
   * the `otherItems` of the objective among them.
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

  override sampledPropagation(): SampledPropagation {
    const operator = this.sampledOperator
    if (typeof operator === 'string') {
      throw new SampledGraphUnsupportedError(this.architecture, operator)
    }
    return { ...operator, usesNegatives: this.objective.usesNegatives }
  }

  #sampledForward(
    batch: Batch,
    sampled: SampledGraph,
    options: Required<ForwardOptions>,
  ): BatchForward {
    // Throws if the model cannot do so.
    this.sampledPropagation()
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
    const others = inSample(sampled, this.objective.otherItems(batch))
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
      get tables() {
        return tables()
      },
    }
  }
}

/** The {@link EmbeddingModel.sampledOperator} of a class that inherits one: it may compute something else. */
export const notSaidByClass =
  'its class does not say itself (sampledOperator) that it can propagate over a part of the graph'

/** Returns those of some ascending items that a sample has, and their places in it. */
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
