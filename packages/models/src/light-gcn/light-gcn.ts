import { type BipartiteGraph, type Id, parseOptions, type SampledGraph } from '@gnnrec/graph'
import {
  type BipartiteOperator,
  graphFilter,
  graphFilterRows,
  type NodeRows,
  type NodeTensors,
  spmm,
} from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel, notSaidByClass } from '../embedding-model.js'
import { type HistoryTables, oneStep, pairwise, weightedSum } from '../history/history-tables.js'
import type { ForwardOptions } from '../model-contract.js'
import {
  type BatchForward,
  batchNodes,
  gatherBatch,
  splitBatchNodes,
} from '../objective/batch-rows.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { type GraphCounts, type ModelMemoryLaw, propagating } from '../parameters/memory-law.js'
import { sampledFilterRows } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { disposeOperator, dropEdges } from './edge-dropout.js'
import {
  type LightGcnOptions,
  layerWeightsOf,
  lightGcnSchema,
  type ResolvedLightGcnOptions,
} from './light-gcn-options.js'
import { lightGcnPresets } from './light-gcn-presets.js'

/** Indices and factors of the edges that dropout keeps, forward and backward. */
const droppedBytesPerEdge = 24

/**
 * LightGCN (He et al., SIGIR 2020, https://arxiv.org/abs/2002.02126).
 *
 *     E⁽ˡ⁺¹⁾ = Â E⁽ˡ⁾,   Â = D^{-1/2} A D^{-1/2} without self-loops
 *     Z = Σ_{l=0..L} weight_l · E⁽ˡ⁾,   by default their mean
 *
 * E⁽⁰⁾ are the free embeddings of users [userCount, d] and items [itemCount, d]; the score is
 * z_u · z_i. Loss: BPR on Z plus L2 on the batch's rows of E⁽⁰⁾. A step costs little more than 2·L - 2
 * products with both blocks of Â, each of 2·edges·d operations. With 0 layers it is {@link BprMf}, to
 * the bit.
 *
 * Defaults from the official code (gusye1234/LightGCN-PyTorch): d 64, 3 layers, initial deviation
 * 0.1, L2 1e-4, no dropout. A node without edges keeps weight_0 · E⁽⁰⁾.
 *
 * @example
 * ```ts
 * import { BatchIterator, BipartiteGraph, fromRecords, Rng } from '@gnnrec/graph'
 * import { LightGcn } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new LightGcn(graph, { embeddingDim: 8, layers: 2 })
 * const batches = new BatchIterator(graph, { batchSize: 4, rng: Rng.fromSeed(1) })
 * const optimizer = tf.train.adam(0.05)
 * for (let epoch = 0; epoch < 20; epoch++) {
 *   model.beginEpoch(epoch, Rng.fromSeed(2))
 *   for (const batch of batches.epoch(epoch)) {
 *     optimizer.minimize(() => model.loss(batch), false, Object.values(model.parameters()))
 *   }
 * }
 * const recommender = await model.toRecommender()
 * console.log(recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class LightGcn<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedLightGcnOptions
> {
  static override readonly architecture = 'light-gcn'
  static override readonly optionsSchema = lightGcnSchema
  static override readonly presets = lightGcnPresets
  static override readonly capabilities = {
    ...EmbeddingModel.capabilities,
    sampledGraphs: true,
    files: true,
  }

  /** Weights of layers 0..layers in the final embedding. */
  readonly layerWeights: readonly number[]
  readonly #operator: BipartiteOperator
  #dropped: BipartiteOperator | undefined

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph<User, Item>, options: LightGcnOptions = {}) {
    const settings = parseOptions(LightGcn.architecture, lightGcnSchema, options)
    super(graph, settings)
    this.layerWeights = layerWeightsOf(settings)
    this.#operator = symmetricOperator(graph)
  }

  override layerOutputs(): NodeTensors[] {
    const { toUsers, toItems } = this.#operator
    const { users, items } = this.layerZero
    const layers: NodeTensors[] = [{ users: tf.clone(users), items: tf.clone(items) }]
    for (let layer = 0; layer < this.options.layers; layer++) {
      const last = layers[layer]
      layers.push({ users: spmm(toUsers, last.items), items: spmm(toItems, last.users) })
    }
    return layers
  }

  protected override forwardBatch({ training = false }: ForwardOptions): NodeTensors {
    const layerZero = this.layerZero
    if (this.options.layers > 0) {
      return graphFilter(this.#stepOperator(training), layerZero, this.layerWeights)
    }
    const [weight] = this.layerWeights
    if (weight === 1) return layerZero
    return { users: tf.mul(layerZero.users, weight), items: tf.mul(layerZero.items, weight) }
  }

  /** Propagates to the batch's rows only, in the bytes of {@link forward}. */
  protected override batchForward(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
  ): BatchForward {
    const { layers, edgeDropout } = this.options
    if (layers === 0 || (options.training && edgeDropout > 0)) {
      return super.batchForward(indices, options)
    }
    const { layerZero } = this
    const rows = graphFilterRows(this.#operator, layerZero, this.layerWeights, batchNodes(indices))
    const tables = () => this.forwardBatch(options)
    return {
      final: splitBatchNodes(rows, indices),
      regularized: gatherBatch(layerZero, indices),
      get tables() {
        return tables()
      },
    }
  }

  /** One step from the items: `d_u^-½ Σ_i d_i^-½ Σ_l weight_l E_i⁽ˡ⁻¹⁾`. The layer 0 of an untrained user is 0. */
  protected override historyTables(): HistoryTables | undefined {
    if (this.constructor !== LightGcn) return undefined
    if (this.options.layers === 0) return pairwise(this.options.l2Weight)
    const inputs = this.layerOutputs().slice(0, -1)
    const sum = weightedSum(
      inputs.map(({ items }) => items),
      this.layerWeights.slice(1),
    )
    return oneStep(sum, this.graph.weightedItemDegrees, 0)
  }

  protected override get sampledOperator() {
    if (this.constructor !== LightGcn) return notSaidByClass
    const { layers, edgeDropout } = this.options
    if (layers === 0) return 'with 0 layers it propagates nothing'
    if (edgeDropout > 0) return 'its edgeDropout draws from all edges (0 turns it off)'
    return { steps: layers, regularization: 0 }
  }

  protected override propagateSampled(
    layerZero: NodeTensors,
    { steps }: SampledGraph,
    rows: NodeRows,
  ): NodeTensors {
    return sampledFilterRows(steps, layerZero, this.layerWeights, rows)
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    const { layers, edgeDropout } = this.options
    if (layers === 0) return super.memoryLaw(counts, negativesPerPositive)
    return {
      ...propagating(counts),
      stepTables: Math.min(layers + 2, 4),
      stepBytesPerEdge: edgeDropout > 0 ? droppedBytesPerEdge : 0,
      rowsPerSample: 15,
      outputTables: Math.min(layers, 2),
      layerTables: layers,
    }
  }

  override dispose(): void {
    this.#releaseDropped()
    super.dispose()
  }

  #stepOperator(training: boolean): BipartiteOperator {
    const { edgeDropout } = this.options
    if (!training || edgeDropout === 0) return this.#operator
    // The gradient frees the operator; a loss whose gradient nobody asked for leaves that to the next step.
    this.#releaseDropped()
    this.#dropped = dropEdges(this.#operator, edgeDropout, this.nextStepRng())
    return this.#dropped
  }

  #releaseDropped(): void {
    if (this.#dropped) disposeOperator(this.#dropped)
    this.#dropped = undefined
  }
}
