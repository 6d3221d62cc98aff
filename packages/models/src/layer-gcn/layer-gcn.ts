import {
  type BipartiteGraph,
  type Id,
  InvalidOptionsError,
  parseOptions,
  Rng,
  type SampledGraph,
} from '@gnnrec/graph'
import {
  type BipartiteOperator,
  cosineRefine,
  type NodeRows,
  type NodeTensors,
  rowDot,
  scaleRows,
  spmm,
} from '@gnnrec/ops'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel, notSaidByClass } from '../embedding-model.js'
import { type HistoryTables, oneStep } from '../history/history-tables.js'
import type { BeginEpochOptions, ForwardOptions } from '../model-contract.js'
import {
  type GraphCounts,
  graphBytesPerEdge,
  type ModelMemoryLaw,
  operatorBytesPerEdge,
  propagating,
  valueBytesPerEdge,
} from '../parameters/memory-law.js'
import { rowsOf, sampledStep, weightedRows } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { degreeDropEdges, graphOfEdges, keptEdgeCount } from './degree-drop.js'
import {
  type LayerGcnOptions,
  layerGcnSchema,
  type ResolvedLayerGcnOptions,
} from './layer-gcn-options.js'
import { layerGcnPresets } from './layer-gcn-presets.js'

/**
 * LayerGCN (Zhou, Lin, Liu & Miao, ICDE 2023, https://arxiv.org/abs/2207.11088).
 *
 *     Y⁽ˡ⁾ = Â X⁽ˡ⁻¹⁾,   X⁽ˡ⁾ = diag(a⁽ˡ⁾) Y⁽ˡ⁾,   a⁽ˡ⁾_n = cos(Y⁽ˡ⁾_n, E_n),   X⁽⁰⁾ = E
 *     Z = Σ_{l=1..layers} X⁽ˡ⁾,   Â = D^{-1/2} A D^{-1/2} without self-loops
 *
 * E are the free embeddings of users [userCount, d] and items [itemCount, d], which Z leaves out; the
 * score is z_u · z_i. The cosine is Y·E / max(‖Y‖ ‖E‖, 1e-8), and the gradient flows through it. A
 * node without edges has zeros, so all its scores are 0.
 *
 * DegreeDrop: each epoch trains on ⌊edges · (1 - edgePruning)⌋ edges, drawn without replacement (see
 * `pruningSchedule`), with Â worked out anew from their degrees. They are drawn when the first step of
 * an epoch needs them. Evaluation uses the whole graph.
 *
 * Loss: BPR on Z, summed over the batch, plus l2Weight · ½ Σ ‖row‖² on the batch's rows of E. That is
 * B times the loss of LightGCN (mean BPR and `'mean-squares'`) at the same `l2Weight`, so the weights
 * of both are on one scale, and Adam, which takes out the factor, makes the same steps but for its ε
 * and a smaller last batch. A step costs 2 · layers sparse products of 2·edges·d operations each way.
 *
 * Defaults from the official code (enoche/ImRec): d 64, 4 layers, Xavier-uniform tables; L2 1e-3 and
 * `edgePruning` 0.1 are from its grids. It adds 1e-7 to degrees, which float32 does not show; here an
 * isolated node has a zero row instead. It draws with `torch.multinomial`, which takes at most 2²⁴
 * edges; here any number does.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { LayerGcn } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new LayerGcn(graph, { embeddingDim: 8, layers: 2 })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class LayerGcn<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedLayerGcnOptions
> {
  static override readonly architecture = 'layer-gcn'
  static override readonly optionsSchema = layerGcnSchema
  static override readonly presets = layerGcnPresets
  static override readonly capabilities = {
    ...EmbeddingModel.capabilities,
    sampledGraphs: true,
    files: true,
  }

  readonly #operator: BipartiteOperator
  #pruning: { readonly epoch: number; readonly rng: Rng }
  #pruned: BipartiteGraph | undefined

  /**
   * @throws InvalidOptionsError when an option is misspelt or out of range, or `edgePruning` keeps no
   * edge of the graph
   */
  constructor(graph: BipartiteGraph<User, Item>, options: LayerGcnOptions = {}) {
    const settings = parseOptions(LayerGcn.architecture, layerGcnSchema, options)
    if (keptEdgeCount(graph.edgeCount, settings.edgePruning) === 0) {
      throw new InvalidOptionsError(
        `Invalid options for layer-gcn: edgePruning: got ${settings.edgePruning}, which keeps no edge of ${graph.edgeCount}; choose less, or 0 for the whole graph.`,
      )
    }
    super(graph, settings)
    this.#operator = symmetricOperator(graph)
    this.#pruning = { epoch: 0, rng: Rng.fromSeed(settings.seed).fork('degree-drop') }
  }

  /**
   * Draws the edges that the model trains on in an epoch (from 0), numbered by user, then item; ascending.
   *
   * @param options - which edges are preferred, and the share of them that is left out
   * @param rng - the stream that `beginEpoch` is given
   */
  static drawEdges(
    graph: BipartiteGraph,
    options: Pick<ResolvedLayerGcnOptions, 'edgePruning' | 'pruningSchedule'>,
    epoch: number,
    rng: Rng,
  ): Int32Array {
    return degreeDropEdges(graph, options, epoch, rng.fork('degree-drop'))
  }

  override beginEpoch(epoch: number, rng: Rng, options: BeginEpochOptions = {}): void {
    super.beginEpoch(epoch, rng, options)
    this.#releasePruned()
    this.#pruning = { epoch, rng: rng.fork('degree-drop') }
  }

  override layerOutputs(): NodeTensors[] {
    const { toUsers, toItems } = this.#operator
    const { users, items } = this.layerZero
    const layers: NodeTensors[] = [{ users: tf.clone(users), items: tf.clone(items) }]
    for (let layer = 0; layer < this.options.layers; layer++) {
      const last = layers[layer]
      layers.push({
        users: tf.tidy(() => refine(spmm(toUsers, last.items), users)),
        items: tf.tidy(() => refine(spmm(toItems, last.users), items)),
      })
    }
    return layers
  }

  protected override forwardBatch({ training = false }: ForwardOptions): NodeTensors {
    const operator = training ? this.#trainingOperator() : this.#operator
    return cosineRefine(operator, this.layerZero, this.options.layers)
  }

  /**
   * One step from the items by `Σ_l ā_l X_i⁽ˡ⁻¹⁾`, where ā_l is the mean of a⁽ˡ⁾ over the users with edges. The cosine
   * of an untrained user, who has no E, cannot be had.
   */
  protected override historyTables(): HistoryTables | undefined {
    if (this.constructor !== LayerGcn) return undefined
    const inputs = this.layerOutputs()
      .slice(0, -1)
      .map(({ items }) => items)
    const { userDegrees, weightedItemDegrees } = this.graph
    const active = userDegrees.reduce((count, degree) => count + Number(degree > 0), 0)
    const terms = inputs.map((input) => {
      const y = spmm(this.#operator.toUsers, input)
      // Users without edges have rows of zeros and cosines of 0.
      const mean = tf.div(tf.sum(cosines(y, this.layerZero.users)), Math.max(1, active))
      return tf.mul<Tensor2D>(input, mean)
    })
    return oneStep(tf.addN(terms), weightedItemDegrees, 0)
  }

  protected override get sampledOperator() {
    if (this.constructor !== LayerGcn) return notSaidByClass
    const { layers, edgePruning } = this.options
    if (edgePruning > 0) return 'its edgePruning works out the degrees anew (0 turns it off)'
    return { steps: layers, regularization: 0 }
  }

  protected override propagateSampled(
    layerZero: NodeTensors,
    { steps }: SampledGraph,
    rows: NodeRows,
  ): NodeTensors {
    const [first] = steps
    if (steps.every((step) => step === first)) {
      return rowsOf(cosineRefine(first, layerZero, steps.length), rows)
    }
    let x = layerZero
    const layers = steps.map((step) => {
      const { users, items } = sampledStep(step, x)
      x = { users: refine(users, layerZero.users), items: refine(items, layerZero.items) }
      return x
    })
    return weightedRows(layers, new Array<number>(steps.length).fill(1), rows)
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    const { layers, edgePruning } = this.options
    if (layers === 0) return super.memoryLaw(counts, negativesPerPositive)
    // The edges that pruning leaves are a graph of their own beside the whole one.
    const keptEdges = edgePruning > 0 ? (1 - edgePruning) * counts.edges : 0
    const whole = propagating(counts)
    return {
      ...whole,
      keptBytes: whole.keptBytes + operatorBytesPerEdge * keptEdges,
      heapBytes: whole.heapBytes + (graphBytesPerEdge + valueBytesPerEdge) * keptEdges,
      stepTables: layers + 5,
      rowsPerSample: 13,
      outputTables: layers + 3,
      layerTables: layers + 1,
    }
  }

  override dispose(): void {
    this.#releasePruned()
    super.dispose()
  }

  #trainingOperator(): BipartiteOperator {
    if (this.options.edgePruning === 0) return this.#operator
    if (!this.#pruned) {
      const { graph } = this
      const { epoch, rng } = this.#pruning
      this.#pruned = graphOfEdges(graph, degreeDropEdges(graph, this.options, epoch, rng))
    }
    return symmetricOperator(this.#pruned)
  }

  #releasePruned(): void {
    this.#pruned?.dispose()
    this.#pruned = undefined
  }
}

/** Each row y times its cosine with the row of e. */
function refine(y: Tensor2D, e: Tensor2D): Tensor2D {
  return scaleRows(cosines(y, e), y)
}

/** The cosine of each row y with the row of e. */
function cosines(y: Tensor2D, e: Tensor2D): Tensor1D {
  // The floor of 1e-8 under the root, where rows of zeros have a gradient.
  const norms = tf.sqrt(tf.maximum(tf.mul(rowDot(y, y), rowDot(e, e)), 1e-16))
  return tf.div(rowDot(y, e), norms)
}
