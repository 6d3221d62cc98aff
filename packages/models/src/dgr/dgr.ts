import { type Batch, type BipartiteGraph, TimeSlice } from '@gnnrec/graph'
import { type BipartiteOperator, graphFilter, type NodeTensors, spmm } from '@gnnrec/graph/ops'
import * as tf from '@tensorflow/tfjs-core'
import type { BatchTensors } from '../batch-tensors.js'
import { type EmbeddingBatchForward, EmbeddingModel } from '../embedding-model.js'
import { batchL2 } from '../losses/batch-l2.js'
import type { WeightedTerms } from '../losses/ranking-loss.js'
import type {
  ForwardOptions,
  LossTerms,
  PrepareOptions,
  SampledOperator,
} from '../model-contract.js'
import { NotPreparedError } from '../parameters/errors.js'
import type { BatchForward } from '../ranking-model.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type DesmoothedFilter, desmoothedFilter } from './desmoothed-filter.js'
import { type DgrOptions, type ResolvedDgrOptions, resolveDgrOptions } from './dgr-options.js'
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
 * weights 0 there is nothing to prepare. With `desmoothing` 0 as well this is LightGCN, and with 0
 * layers {@link BprMf}, to the bit but for the regulariser.
 *
 * Defaults from the official code (me-sonandme/DGR) for LightGCN on MovieLens-1M: d 64, 3 layers,
 * a = (0.1, 1.1, 0), weights 1e-2 and 5e-6, 10 neighbours, Xavier-uniform tables. It reads the indices
 * of marginal items from an array it has overwritten, so that they are arbitrary items; here they are
 * the right ones. Its BPR is -ln(1e-5 + σ(s⁺ - s⁻)), here softplus(s⁻ - s⁺); it divides its regulariser
 * once by the configured batch size, here twice by that of the batch, which differ in the last one.
 */
export class Dgr extends EmbeddingModel {
  static override readonly architecture = 'Dgr'

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
        'Dgr has not found its neighbouring items yet: call await model.prepare() before loss (Trainer does so), after loading as well.',
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
    const final = { users: forward.final.users, items: forward.tables.items }
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

  protected override get sampledOperator(): SampledOperator {
    return 'its loss ranks items that no batch holds, and its layers take out a direction of all nodes'
  }

  override dispose(): void {
    this.#smooth?.dispose()
    super.dispose()
  }
}
