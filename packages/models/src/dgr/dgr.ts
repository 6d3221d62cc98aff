import type { BipartiteGraph, Id, SampledGraph } from '@gnnrec/graph'
import {
  type BipartiteOperator,
  graphFilter,
  type NodeRows,
  type NodeTensors,
  spmm,
} from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel, notSaidByClass } from '../embedding-model.js'
import { type HistoryTables, oneStep, pairwise, weightedSum } from '../history/history-tables.js'
import { type GraphCounts, type ModelMemoryLaw, propagating } from '../parameters/memory-law.js'
import { rowsOf, sampledFilterRows } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type DesmoothedFilter, desmoothedFilter } from './desmoothed-filter.js'
import { DgrObjective } from './dgr-objective.js'
import {
  type DgrOptions,
  dgrSchema,
  type ResolvedDgrOptions,
  resolveDgrOptions,
} from './dgr-options.js'
import { dgrPresets } from './dgr-presets.js'
import { SmoothDirection } from './smooth-direction.js'

/**
 * DGR (Ding et al., IJCAI 2024, https://arxiv.org/abs/2403.04287) on LightGCN: against over-smoothing,
 * each layer takes out a part of the smooth direction, and neighbouring items correct the loss.
 *
 *     E⁽ˡ⁾ = (1 + a_l) Y - a_l · c · √d (√dᵀY),   Y = Â E⁽ˡ⁻¹⁾,   Â = D^{-1/2} A D^{-1/2}
 *     Z = mean of E⁽⁰⁾..E⁽ˡᵃʸᵉʳˢ⁾
 *
 * √d are the square roots of the degrees of all nodes; see `projection` for c. E⁽⁰⁾ are the free
 * embeddings of users [userCount, d] and items [itemCount, d]; the score is z_u · z_i. Âˡ maps √d to
 * itself, so all layers are one polynomial of Â beside one product with √d√dᵀ, and a step costs what
 * LightGCN's does and little more.
 *
 * Loss: BPR on Z (or another `loss`), the term `l2` of `regularization`, and two sums over the batch's
 * pairs (u, i), always with dot products:
 *
 *     neighbourWeight · Σ ω_ik softplus(-z_u · z_k)   over the `neighbours` items k of largest ω_ik
 *     -marginalWeight · Σ ω_ik softplus(-z_u · z_k)   over those of smallest ω_ik > 0; see `marginal`
 *     ω_ij = G_ij / √((g_i + 1) (g_j + 1)),   G = RᵀR with its diagonal,   g = G·1
 *
 * Items that meet fewer than 3 · `neighbours` items, themselves included, have no marginal ones. A
 * weight of 0 leaves its term out. `prepare` finds these items, in O(Σ_u d_u²) for users with d_u
 * items; they follow from the graph and are not saved, so a loaded model needs it anew. With both
 * weights 0 there is nothing to prepare. On samples of the graph the filter is sampled, while the smooth
 * direction sums all nodes as ever, in O(nodes · d); the items of both sums have to be in the sample, and
 * those that are not (subgraphs hold few of them) are left out. With `desmoothing` 0 as well this is LightGCN, and with 0
 * layers {@link BprMf}, to the bit but for the regularizer.
 *
 * Defaults from the official code (me-sonandme/DGR) for LightGCN on MovieLens-1M: d 64, 3 layers,
 * a = (0.1, 1.1, 0), weights 1e-2 and 5e-6, 10 neighbours, Xavier-uniform tables. It reads the indices
 * of marginal items from an array it has overwritten, so that they are arbitrary items; here they are
 * the right ones. Its BPR is -ln(1e-5 + σ(s⁺ - s⁻)), here softplus(s⁻ - s⁺); it divides its regularizer
 * once by the configured batch size, here twice by that of the batch, which differ in the last one.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Dgr } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new Dgr(graph, { embeddingDim: 8, neighbours: 1 })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class Dgr<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedDgrOptions
> {
  static override readonly architecture = 'dgr'
  static override readonly optionsSchema = dgrSchema
  static override readonly presets = dgrPresets
  static override readonly capabilities = {
    ...EmbeddingModel.capabilities,
    sampledGraphs: true,
    files: true,
  }

  declare readonly objective: DgrObjective
  readonly #operator: BipartiteOperator
  readonly #filter: DesmoothedFilter
  /** The smooth direction, where a layer takes some of it out or adds some. */
  readonly #smooth: SmoothDirection | undefined

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph<User, Item>, options: DgrOptions = {}) {
    const settings = resolveDgrOptions(options)
    super(graph, settings, new DgrObjective(graph, settings))
    const { desmoothing } = settings
    this.#filter = desmoothedFilter(settings)
    this.#smooth = desmoothing.some((a) => a !== 0) ? new SmoothDirection(graph) : undefined
    this.#operator = symmetricOperator(graph)
  }

  /** Returns all layers with some options in full as one linear map. */
  static filter(options: Pick<ResolvedDgrOptions, 'desmoothing' | 'projection'>): DesmoothedFilter {
    return desmoothedFilter(options)
  }

  override layerOutputs(): NodeTensors[] {
    const { toUsers, toItems } = this.#operator
    const { users, items } = this.layerZero
    const layers: NodeTensors[] = [{ users: tf.clone(users), items: tf.clone(items) }]
    for (const a of this.options.desmoothing) {
      const last = layers[layers.length - 1]
      layers.push(
        tf.tidy(() => {
          const y = { users: spmm(toUsers, last.items), items: spmm(toItems, last.users) }
          if (!this.#smooth || a === 0) return y
          const scaled = { users: tf.mul(y.users, 1 + a), items: tf.mul(y.items, 1 + a) }
          return this.#smooth.add(scaled as NodeTensors, (-a * this.#filter.share) / (1 + a))
        }),
      )
    }
    return layers
  }

  protected override forwardBatch(): NodeTensors {
    const { layerZero } = this
    const { weights, smoothWeight } = this.#filter
    if (weights.length === 1) return layerZero
    const base = this.#smooth?.add(layerZero, smoothWeight) ?? layerZero
    return graphFilter(this.#operator, base, weights)
  }

  /**
   * One step from the items by the filter, and the user's share of the smooth direction, which grows with √d_u. The
   * layer 0 of an untrained user is 0.
   */
  protected override historyTables(): HistoryTables | undefined {
    if (this.constructor !== Dgr) return undefined
    if (this.options.layers === 0) return pairwise()
    const { layerZero } = this
    const { weights, smoothWeight } = this.#filter
    const base = this.#smooth?.add(layerZero, smoothWeight) ?? layerZero
    const { toUsers, toItems } = this.#operator
    let x = base
    const inputs = [x.items]
    for (let l = 2; l < weights.length; l++) {
      x = { users: spmm(toUsers, x.items), items: spmm(toItems, x.users) }
      inputs.push(x.items)
    }
    const step = oneStep(weightedSum(inputs, weights.slice(1)), this.graph.weightedItemDegrees, 0)
    if (!this.#smooth) return step
    const along = this.#smooth.perRootDegree(layerZero, smoothWeight * weights[0])
    return { ...step, tensors: { ...step.tensors, smooth: along } }
  }

  protected override get sampledOperator() {
    if (this.constructor !== Dgr) return notSaidByClass
    const { layers } = this.options
    if (layers === 0) return 'with 0 layers it propagates nothing'
    return { steps: layers, regularization: 0, otherItems: () => this.objective.neighbourItems() }
  }

  /** Applies the filter to the sample; the smooth direction comes from all nodes. */
  protected override propagateSampled(
    layerZero: NodeTensors,
    sampled: SampledGraph,
    rows: NodeRows,
  ): NodeTensors {
    const { weights, smoothWeight } = this.#filter
    const filtered = sampledFilterRows(sampled.steps, layerZero, weights, rows)
    if (!this.#smooth) return filtered
    // g(Â) leaves v as it is but for the factor g(1).
    const share = smoothWeight * weights.reduce((sum, weight) => sum + weight, 0)
    const along = rowsOf(this.#smooth.ofNodes(this.layerZero, share, sampled), rows)
    return {
      users: tf.add(filtered.users, along.users),
      items: tf.add(filtered.items, along.items),
    }
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    const { layers, neighbourWeight, marginalWeight } = this.options
    if (layers === 0) return super.memoryLaw(counts, negativesPerPositive)
    const lists = Number(neighbourWeight > 0) + Number(marginalWeight > 0)
    const neighbours = lists * this.options.neighbours
    const whole = propagating(counts)
    return {
      ...whole,
      heapBytes: whole.heapBytes + 8 * neighbours * counts.items,
      stepTables: 5.8,
      rowsPerSample: 15 + 4 * neighbours,
      outputTables: 4,
      layerTables: 5,
    }
  }

  override dispose(): void {
    this.#smooth?.dispose()
    super.dispose()
  }
}
