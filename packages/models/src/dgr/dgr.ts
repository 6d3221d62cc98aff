import { type Batch, type BipartiteGraph, type SampledGraph, TimeSlice } from '@gnnrec/graph'
import {
  type BipartiteOperator,
  graphFilter,
  type NodeRows,
  type NodeTensors,
  spmm,
} from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensors } from '../batch-tensors.js'
import { type EmbeddingBatchForward, EmbeddingModel } from '../embedding-model.js'
import { batchL2 } from '../losses/batch-l2.js'
import { lossNames } from '../losses/loss-settings.js'
import type { WeightedTerms } from '../losses/ranking-loss.js'
import type { ForwardOptions, LossTerms, OtherItems, PrepareOptions } from '../model-contract.js'
import { NotPreparedError } from '../parameters/errors.js'
import type { BatchForward } from '../ranking-model.js'
import { rowsOf, sampledFilterRows } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type DesmoothedFilter, desmoothedFilter } from './desmoothed-filter.js'
import {
  type DgrOptions,
  dgrSchema,
  type ResolvedDgrOptions,
  resolveDgrOptions,
} from './dgr-options.js'
import { dgrPresets } from './dgr-presets.js'
import { neighbourRows } from './neighbour-rows.js'
import { type NeighbourTables, neighbourTables } from './neighbour-tables.js'
import { neighbourTerms } from './neighbour-terms.js'
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
 * layers {@link BprMf}, to the bit but for the regulariser.
 *
 * Defaults from the official code (me-sonandme/DGR) for LightGCN on MovieLens-1M: d 64, 3 layers,
 * a = (0.1, 1.1, 0), weights 1e-2 and 5e-6, 10 neighbours, Xavier-uniform tables. It reads the indices
 * of marginal items from an array it has overwritten, so that they are arbitrary items; here they are
 * the right ones. Its BPR is -ln(1e-5 + σ(s⁺ - s⁻)), here softplus(s⁻ - s⁺); it divides its regulariser
 * once by the configured batch size, here twice by that of the batch, which differ in the last one.
 */
export class Dgr extends EmbeddingModel {
  static override readonly architecture = 'dgr'
  static override readonly optionsSchema = dgrSchema
  static override readonly presets = dgrPresets
  static override readonly capabilities = {
    isTrained: true,
    isSeeded: true,
    losses: lossNames,
    sampledGraphs: true,
    files: true,
  }

  readonly #settings: ResolvedDgrOptions
  readonly #operator: BipartiteOperator
  /** γ: the share of the smooth direction's projector, c · 2 · edges. */
  readonly #share: number
  readonly #filter: DesmoothedFilter
  /** Only where a layer takes something out. */
  readonly #smooth: SmoothDirection | undefined
  #tables: NeighbourTables | undefined

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph, options: DgrOptions = {}) {
    const settings = resolveDgrOptions(options)
    super(graph, settings)
    const { desmoothing, projection } = settings
    this.#settings = settings
    this.#share = projection === 'exact' ? 1 : 0.5
    this.#filter = desmoothedFilter(desmoothing, this.#share)
    this.#smooth = desmoothing.some((a) => a > 0) ? new SmoothDirection(graph) : undefined
    this.#operator = symmetricOperator(graph)
  }

  /**
   * Finds the neighbouring items that the loss needs, unless both of their weights are 0. Lets the
   * event loop run about every 30 ms.
   */
  protected override async computeOnce({ signal }: PrepareOptions): Promise<void> {
    if (!this.#needsTables) return
    const { neighbours } = this.#settings
    this.#tables = await neighbourTables(this.graph, neighbours, new TimeSlice(signal))
  }

  get #needsTables(): boolean {
    const { neighbourWeight, marginalWeight } = this.#settings
    return neighbourWeight > 0 || marginalWeight > 0
  }

  override layerOutputs(): NodeTensors[] {
    const { toUsers, toItems } = this.#operator
    const { users, items } = this.layerZero
    const layers: NodeTensors[] = [{ users: tf.clone(users), items: tf.clone(items) }]
    for (const a of this.#settings.desmoothing) {
      const last = layers[layers.length - 1]
      layers.push(
        tf.tidy(() => {
          const y = { users: spmm(toUsers, last.items), items: spmm(toItems, last.users) }
          if (!this.#smooth || a === 0) return y
          const scaled = { users: tf.mul(y.users, 1 + a), items: tf.mul(y.items, 1 + a) }
          return this.#smooth.add(scaled as NodeTensors, (-a * this.#share) / (1 + a))
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
   * @inheritDoc
   * @throws NotPreparedError before `prepare`, unless the weights of neighbours are 0
   */
  override lossTerms(batch: Batch, options: ForwardOptions = {}): LossTerms {
    if (this.#needsTables && !this.#tables) {
      throw new NotPreparedError(
        'dgr has not found its neighbouring items yet: call await model.prepare() before loss (Trainer does so), after loading as well.',
      )
    }
    return super.lossTerms(batch, options)
  }

  protected override weightedTerms(
    forward: EmbeddingBatchForward,
    batch: Batch,
    indices: BatchTensors,
  ): WeightedTerms {
    const terms = super.weightedTerms(forward, batch, indices)
    if (!this.#tables) return terms
    const { users } = forward.final
    if (batch.sampled && forward.others) {
      const { items, rows } = forward.others
      const places = new Map(Array.from(items, (item, place) => [item, place]))
      const samples = Int32Array.from(batch.positives, (_, sample) => sample)
      const ofBatch = this.#rowsOf(this.#tables, batch.positives, (item) => places.get(item))
      const final = { users, items: rows }
      return { ...terms, ...neighbourTerms(final, samples, ofBatch, this.#settings) }
    }
    const final = { users, items: forward.tables.items }
    return { ...terms, ...neighbourTerms(final, batch.positives, this.#tables, this.#settings) }
  }

  protected override l2Term(forward: BatchForward, batch: Batch): WeightedTerms {
    const { regularization, l2Weight } = this.#settings
    if (regularization === 'layer-zero') return super.l2Term(forward, batch)
    const { users, positives, negatives } = forward.final
    const squaredSize = batch.users.length ** 2
    const value = batchL2([users, positives, negatives], squaredSize, 'mean-norms')
    return { l2: { value, weight: l2Weight } }
  }

  protected override get sampledOperator() {
    const { layers } = this.#settings
    if (layers === 0) return 'with 0 layers it propagates nothing'
    return { steps: layers, regularization: 0, otherItems: () => this.#otherItems() }
  }

  /** The filter on the sample, and of the smooth direction what all nodes give. */
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

  protected override lossItems({ positives }: Batch): Int32Array {
    if (!this.#tables) return new Int32Array(0)
    const found = new Set<number>()
    this.#rowsOf(this.#tables, positives, (item) => {
      found.add(item)
      return item
    })
    return Int32Array.from(found).sort()
  }

  /** Of both tables the items, side by side. */
  #otherItems(): OtherItems | undefined {
    if (!this.#tables) return undefined
    const { neighbours } = this.#settings
    const perItem = 2 * neighbours
    const items = new Int32Array(this.graph.itemCount * perItem).fill(-1)
    for (const [part, table] of [this.#tables.nearest, this.#tables.marginal].entries()) {
      for (let entry = 0; entry < table.items.length; entry++) {
        if (table.weights[entry] === 0) continue
        const [item, column] = [Math.floor(entry / neighbours), entry % neighbours]
        items[item * perItem + part * neighbours + column] = table.items[entry]
      }
    }
    return { perItem, items }
  }

  #rowsOf(
    { nearest, marginal }: NeighbourTables,
    positives: Int32Array,
    placeOf: (item: number) => number | undefined,
  ): NeighbourTables {
    const { neighbours } = this.#settings
    return {
      nearest: neighbourRows(nearest, positives, neighbours, placeOf),
      marginal: neighbourRows(marginal, positives, neighbours, placeOf),
    }
  }

  override dispose(): void {
    this.#smooth?.dispose()
    super.dispose()
  }
}
