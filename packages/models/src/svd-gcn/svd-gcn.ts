import {
  type Batch,
  type BipartiteGraph,
  type Id,
  InvalidOptionsError,
  Rng,
  truncatedSvd,
} from '@gnnrec/graph'
import { ensureBackendSync, gatherRows, isLive, type NodeTensors } from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { GraphModel } from '../graph-model.js'
import { type HistoryTables, oneStep } from '../history/history-tables.js'
import { fillXavierUniform } from '../initialization.js'
import { lossNames } from '../losses/loss-settings.js'
import type {
  ForwardOptions,
  LossTerms,
  PrepareOptions,
  SampledPropagation,
} from '../model-contract.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { SampledGraphUnsupportedError } from '../parameters/errors.js'
import {
  type GraphCounts,
  type ModelMemoryLaw,
  valueBytesPerEdge,
  withoutPropagation,
} from '../parameters/memory-law.js'
import { spectralMemory } from '../parameters/model-memory.js'
import { pairRows } from './pair-loss.js'
import { PairSampler, type Pairs } from './pair-sampler.js'
import { type SvdGcnForward, SvdGcnObjective } from './svd-gcn-objective.js'
import {
  type ResolvedSvdGcnOptions,
  resolveSvdGcnOptions,
  type SvdGcnOptions,
  svdGcnSchema,
} from './svd-gcn-options.js'
import { svdGcnPresets } from './svd-gcn-presets.js'

/**
 * SVD-GCN (Peng, Sugiyama and Mine, CIKM 2022, https://arxiv.org/abs/2208.12689): no layers, but the
 * leading singular vectors of the normalized interactions, the smooth ones weighted up.
 *
 *     R̃ = (D_U + αI)^{-1/2} R (D_I + αI)^{-1/2} ≈ X diag(σ) Yᵀ,   F = diag(exp(β σ))
 *     S: Z = [X; Y] F          B, U, I, M: Z = [X; Y] F W
 *
 * X [userCount, K], σ [K] and Y [itemCount, K] are computed once by `prepare` and saved along; W
 * [K, d], `weight`, is all that is trained and starts at U(±√(6/(K+d))). S trains nothing. The loss of
 * the others, over a batch of B samples with pairs u⁺, u⁻ of its users and p⁺, p⁻ of its positives:
 *
 *     mean softplus(z_u·z_n - z_u·z_p) + l2Weight · ½/B · Σ ‖z‖²
 *       + c_u/B · Σ softplus(z_u·z_u⁻ - z_u·z_u⁺) + c_i/B · Σ softplus(z_p·z_p⁻ - z_p·z_p⁺)
 *
 * with L2 over every z in it, pairs included. u⁺ is uniform among the users that share an item with u,
 * u itself included, and u⁻ among the others; likewise for items. A user without any u⁻, or without
 * items, has no such term. B has c_u = c_i = 0, U has c_i = 0, I has c_u = 0.
 *
 * Differs from the official code (tanatosuu/svd_gcn): the SVD is of a sparse matrix, pairs are drawn
 * without R·Rᵀ (see `PairSampler`), -ln σ is a softplus, and L2 has the ½ of the other models. It
 * trains W by plain SGD at rates of 4 to 11, as the presets `SvdGcn.presets.paper` do.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { SvdGcn } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new SvdGcn(graph, { variant: 'S', rank: 2 })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class SvdGcn<User extends Id = Id, Item extends Id = Id> extends GraphModel<
  User,
  Item,
  ResolvedSvdGcnOptions
> {
  static override readonly architecture = 'svd-gcn'
  static override readonly optionsSchema = svdGcnSchema
  static override readonly presets = svdGcnPresets
  static override readonly capabilities = { ...GraphModel.capabilities, losses: lossNames }

  declare readonly objective: SvdGcnObjective

  /** X F and Y F, made when first needed. */
  #features: NodeTensors | undefined
  #samplers: { readonly users: PairSampler; readonly items: PairSampler } | undefined

  /**
   * @throws InvalidOptionsError when an option is misspelt, out of range or not read by the variant, or
   * `rank` is above the smaller side of the graph
   */
  constructor(graph: BipartiteGraph<User, Item>, options: SvdGcnOptions = {}) {
    const settings = resolveSvdGcnOptions(options)
    super(graph, settings, {
      memory: spectralMemory(graph, settings),
      objective: new SvdGcnObjective(graph, settings),
    })
    const { rank, seed } = settings
    const { userCount, itemCount } = graph
    if (rank > Math.min(userCount, itemCount)) {
      throw new InvalidOptionsError(
        `Invalid options for svd-gcn:\n  - rank: got ${rank}; expected at most ${Math.min(userCount, itemCount)}, the smaller side of ${userCount} users × ${itemCount} items`,
      )
    }
    this.addComputedBuffer('userVectors', [userCount, rank])
    this.addComputedBuffer('singularValues', [rank])
    this.addComputedBuffer('itemVectors', [itemCount, rank])
    if (settings.variant !== 'S') {
      const shape = [rank, settings.embeddingDim] as const
      const initialValues = () => {
        const weight = new Float32Array(shape[0] * shape[1])
        fillXavierUniform(weight, shape, Rng.fromSeed(seed).fork('init').fork('weight'))
        return weight
      }
      this.addParameter('weight', initialValues, shape)
    }
    this.addObjectiveParameters()
  }

  /** The singular vectors; a loaded model has them. Takes turns with other work about every 30 ms. */
  protected override async computeOnce({ signal }: PrepareOptions): Promise<void> {
    if (this.hasBuffer('userVectors')) return
    const { rank, degreeRegularization, seed } = this.options
    const interactions = this.graph.biadjacency({ regularization: degreeRegularization })
    const { u, s, v } = await truncatedSvd(interactions, { rank, seed, signal })
    this.setBuffer('userVectors', u)
    this.setBuffer('singularValues', Float32Array.from(s))
    this.setBuffer('itemVectors', v)
  }

  /** @throws NotPreparedError before `prepare` */
  override forward(): NodeTensors {
    const { users, items } = this.#filtered()
    return { users: this.#project(users), items: this.#project(items) }
  }

  /** [X F, Z], users and items; [X F] for S, whose Z it is. */
  override layerOutputs(): NodeTensors[] {
    const { users, items } = this.#filtered()
    const features = { users: tf.clone(users), items: tf.clone(items) }
    return this.options.variant === 'S' ? [features] : [features, this.forward()]
  }

  /**
   * @inheritDoc
   * @throws NotPreparedError before `prepare`
   * @throws SampledGraphUnsupportedError when the batch has a sample of the graph
   */
  override lossTerms(batch: Batch, { training = true }: ForwardOptions = {}): LossTerms {
    return this.objective.lossTerms(batch, (indices, used) => {
      if (used.sampled) this.sampledPropagation()
      return this.#batchRows(indices, used, training)
    })
  }

  /**
   * The row of R̃ of a history, mapped by `Y diag(1/σ)` to the singular vectors: exact, up to the error of the
   * decomposition.
   */
  protected override historyTables(): HistoryTables | undefined {
    if (this.constructor !== SvdGcn) return undefined
    const values = this.buffer('singularValues')
    // A singular value of 0 has no vector of the users.
    const least = 1e-6 * Math.max(...values)
    const inverse = Float32Array.from(values, (value) => (value > least ? 1 / value : 0))
    const { degreeRegularization } = this.options
    const inputs = tf.mul<Tensor2D>(this.#filtered().items, tf.tensor1d(inverse))
    return oneStep(this.#project(inputs), this.graph.weightedItemDegrees, degreeRegularization)
  }

  #batchRows(indices: BatchTensors, batch: Batch, training: boolean): SvdGcnForward {
    const { users, items } = this.#filtered()
    const rows = (features: Tensor2D) => (index: Int32Array) =>
      this.#project(gatherRows(features, tf.tensor1d(index, 'int32')))
    const final = {
      users: this.#project(gatherRows(users, indices.users)),
      positives: this.#project(gatherRows(items, indices.positives)),
      negatives: this.#project(gatherRows(items, indices.negatives)),
    }
    const pairs = this.drawPairs(batch, { training })
    return {
      final,
      regularized: final,
      userPairs: pairs.users && pairRows(final.users, pairs.users, rows(users)),
      itemPairs: pairs.items && pairRows(final.positives, pairs.items, rows(items)),
    }
  }

  /**
   * The pairs of a batch's users and of its positives, of those that the variant has.
   *
   * @internal
   */
  protected drawPairs(
    batch: Batch,
    { training }: Required<ForwardOptions>,
  ): { users?: Pairs; items?: Pairs } {
    const settings = this.options
    if (settings.variant === 'S' || settings.variant === 'B') return {}
    const rng = training ? this.nextStepRng() : Rng.fromSeed(settings.seed).fork('pairs')
    const pattern = this.graph.biadjacency({ normalization: 'none' })
    this.#samplers ??= {
      users: new PairSampler(pattern),
      items: new PairSampler(pattern.transpose()),
    }
    const { users, items } = this.#samplers
    return {
      ...(settings.userPairWeight > 0 && { users: users.draw(batch.users, rng.fork('users')) }),
      ...(settings.itemPairWeight > 0 && { items: items.draw(batch.positives, rng.fork('items')) }),
    }
  }

  override sampledPropagation(): SampledPropagation {
    throw new SampledGraphUnsupportedError(
      this.architecture,
      'it is made of singular vectors of the whole graph',
    )
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts): ModelMemoryLaw {
    const { options } = this
    const { users, items, edges } = counts
    const { rank } = options
    const vectors = 4 * rank * (users + items)
    const heapBytes = vectors + valueBytesPerEdge * edges
    // Panels of float64, two of the items and one of the users, with the oversampling of truncatedSvd.
    const preparationBytes =
      vectors + 8 * (rank + Math.max(10, Math.ceil(rank / 4))) * (2 * items + users)
    const whole = { ...withoutPropagation(counts), stepTables: 0, layerTables: 1 }
    if (options.variant === 'S') {
      return { ...whole, rowsPerSample: 0, keptBytes: vectors, heapBytes, preparationBytes }
    }
    const pairs = { B: 0, U: 2, I: 2, M: 4 }[options.variant]
    return {
      ...whole,
      rowsPerSample: (3 + pairs) * (3.7 + (1.4 * rank) / options.embeddingDim),
      outputTables: 1,
      keptBytes: whole.keptBytes + vectors,
      heapBytes,
      preparationBytes,
    }
  }

  override dispose(): void {
    if (this.#features) tf.dispose([this.#features.users, this.#features.items])
    this.#features = undefined
    super.dispose()
  }

  #project(features: Tensor2D): Tensor2D {
    const { weight } = this.parameters()
    return weight ? tf.matMul(features, weight as Tensor2D) : tf.clone(features)
  }

  #filtered(): NodeTensors {
    if (!this.#features || !isLive(this.#features.users)) {
      ensureBackendSync()
      const filter = this.buffer('singularValues').map((value) =>
        Math.exp(this.options.filterExponent * value),
      )
      const scaled = (name: string, rows: number) => {
        const vectors = this.buffer(name)
        const { length } = filter
        // `from` of a typed array with a function makes a list of boxed numbers first, many times as large.
        const values = new Float32Array(vectors.length)
        for (let at = 0; at < values.length; at++) values[at] = vectors[at] * filter[at % length]
        return tf.keep(tf.tensor2d(values, [rows, length]))
      }
      this.#features = {
        users: scaled('userVectors', this.graph.userCount),
        items: scaled('itemVectors', this.graph.itemCount),
      }
    }
    return this.#features
  }
}
