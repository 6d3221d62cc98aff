import { type BipartiteGraph, type Id, parseOptions, Rng, type SampledGraph } from '@gnnrec/graph'
import {
  type BipartiteOperator,
  dropNumbers,
  isLive,
  loopedStep,
  type NodeNumbers,
  type NodeRows,
  type NodeTensors,
} from '@gnnrec/ops'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel, notSaidByClass } from '../embedding-model.js'
import { type HistoryTables, inverseRoots } from '../history/history-tables.js'
import type { ForwardOptions } from '../model-contract.js'
import { type BatchForward, gatherBatch } from '../objective/batch-rows.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import {
  denseLayers,
  type GraphCounts,
  type ModelMemoryLaw,
  propagating,
} from '../parameters/memory-law.js'
import { rowsOf } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type GcniiOptions, gcniiSchema, type ResolvedGcniiOptions } from './gcnii-options.js'
import { gcniiPresets } from './gcnii-presets.js'

/** A function that gives the input of layer l + 1 from H⁽ˡ⁾. */
type Enter = (hidden: NodeTensors, l: number) => NodeTensors

/** Some rows of all nodes, by name. */
type Rows<Name extends string> = Readonly<Record<Name, Tensor2D>>

/**
 * GCNII (Chen et al., ICML 2020, https://arxiv.org/abs/2007.02133), which classifies nodes, made a
 * recommender: free embeddings take the place of relu(fc(x)), and there are no published results.
 *
 *     S = (1-α) Ã H⁽ˡ⁻¹⁾ + α H⁽⁰⁾,   H⁽ˡ⁾ = act(S ((1-β_l) I + β_l W_l)),   β_l = ln(λ/l + 1)
 *     Z = H⁽ᴸ⁾ W + b
 *
 * Ã = (D+I)^{-1/2} (A+I) (D+I)^{-1/2} has self-loops, which keep its spectrum above -1. H⁽⁰⁾ are the
 * free embeddings of users [userCount, d] and items [itemCount, d]; each W_l [d, d] starts at
 * U(±1/√d) and the head as the identity. `variant: 'gcnii*'` is the paper's other form, with W_l
 * [2d, d] as `variant` of the official code (chennnM/GCNII) has it:
 *
 *     H⁽ˡ⁾ = act((1-β_l) S + β_l [Ã H⁽ˡ⁻¹⁾ ‖ H⁽⁰⁾] W_l)
 *
 * `layerResidual` is the official code's `residual`, which its network for PPI has: act(... + H⁽ˡ⁻¹⁾).
 *
 * Loss: BPR on Z plus L2 on the batch's rows of H⁽⁰⁾; the official code decays `conv` by 0.01 and
 * dense layers by 5e-4, which is `weightDecay` of a trainer.
 *
 * With `activation: 'identity'` and `head: 'none'` it is linear in H⁽⁰⁾. With `head: 'none'` and 0
 * layers it is `BprMf` to the bit.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { Gcnii } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new Gcnii(graph, { embeddingDim: 8, layers: 2, head: 'none', activation: 'identity' })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class Gcnii<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedGcniiOptions
> {
  static override readonly architecture = 'gcnii'
  static override readonly optionsSchema = gcniiSchema
  static override readonly presets = gcniiPresets
  static override readonly capabilities = { ...EmbeddingModel.capabilities, sampledGraphs: true }

  readonly #operator: BipartiteOperator
  /** 1 / (degree + 1) by node, made when first needed. */
  #loops: NodeNumbers | undefined

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph<User, Item>, options: GcniiOptions = {}) {
    const settings = parseOptions(Gcnii.architecture, gcniiSchema, options)
    super(graph, settings)
    this.#operator = symmetricOperator(graph, 1)
    const { layers, variant, embeddingDim, head, seed } = settings
    const rng = Rng.fromSeed(seed).fork('init').fork('conv')
    const rows = variant === 'gcnii*' ? 2 * embeddingDim : embeddingDim
    for (let layer = 0; layer < layers; layer++) {
      const initialValues = () => {
        const stream = rng.fork(String(layer))
        const bound = 1 / Math.sqrt(embeddingDim)
        const values = new Float32Array(rows * embeddingDim)
        for (let i = 0; i < values.length; i++) values[i] = bound * (2 * stream.uniform() - 1)
        return values
      }
      this.addParameter(`conv.${layer}.weight`, initialValues, [rows, embeddingDim])
    }
    if (head === 'none') return
    this.addParameter('head.weight', () => identity(embeddingDim), [embeddingDim, embeddingDim])
    if (head === 'linear') {
      this.addParameter('head.bias', new Float32Array(embeddingDim), [embeddingDim])
    }
  }

  override layerOutputs(): NodeTensors[] {
    return tf.tidy(() => {
      const hidden = [this.layerZero]
      for (let l = 0; l < this.options.layers; l++) hidden.push(this.#layer(hidden[l], l))
      return hidden.map((nodes) => mapRows(nodes, tf.clone))
    })
  }

  protected override forwardBatch({ training = false }: ForwardOptions): NodeTensors {
    const { layers, head } = this.options
    const enter = this.#drops(training) ? this.#dropout() : unchanged
    const last = this.#hidden(layers, enter)
    return head === 'none' ? last : this.#head(enter(last, layers))
  }

  protected override batchForward(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
  ): BatchForward {
    const { layers, head } = this.options
    const isLayerZero = layers === 0 && head === 'none'
    if (isLayerZero || this.#drops(options.training)) {
      return super.batchForward(indices, options)
    }
    // Dense products of the last layer and of the head are needed for the rows of the batch only.
    const first = gatherBatch(this.layerZero, indices)
    let last = first
    if (layers > 0) {
      const hidden = this.#hidden(layers - 1, unchanged)
      const rows = gatherBatch(this.#support(hidden), indices)
      const input = this.options.layerResidual ? gatherBatch(hidden, indices) : undefined
      last = this.#transform(rows, first, layers - 1, input)
    }
    const tables = () => this.forwardBatch(options)
    return {
      final: head === 'none' ? last : this.#head(last),
      regularized: first,
      // The loss needs rows only; whoever adds terms on all nodes asks for these.
      get tables() {
        return tables()
      },
    }
  }

  /**
   * All layers of a history's row, from those of its items. The layer 0 of an untrained user is 0, so that nothing
   * comes from it by the residual.
   */
  protected override historyTables(): HistoryTables | undefined {
    const { layers, variant, initialResidual, activation, layerResidual, head } = this.options
    if (this.constructor !== Gcnii || layers === 0) return undefined
    const factors = inverseRoots(this.graph.weightedItemDegrees, 1)
    const perItem = tf.tensor2d(factors, [factors.length, 1])
    const inputs = this.layerOutputs().slice(0, -1)
    const { 'head.weight': weight, 'head.bias': bias } = this.parameters()
    return {
      foldIn: {
        convention: 'layered',
        neighbourShare: variant === 'gcnii' ? 1 - initialResidual : 1,
        activation,
        layerResidual,
      },
      tensors: {
        items: tf.stack(inputs.map(({ items }) => tf.mul(items, perItem))),
        maps: tf.stack(inputs.map((_, l) => this.#maps(l)[0])),
        ...(head !== 'none' && { head: tf.clone(weight) }),
        ...(bias && { headBias: tf.clone(bias) }),
      },
    }
  }

  protected override get sampledOperator() {
    if (this.constructor !== Gcnii) return notSaidByClass
    const { layers, dropout, layerResidual } = this.options
    if (layerResidual) return 'its layerResidual needs the input of the rows of each layer'
    if (layers === 0) return 'with 0 layers it propagates nothing'
    if (dropout > 0) return 'its dropout draws for all nodes (0 turns it off)'
    return { steps: layers, regularization: 1 }
  }

  protected override propagateSampled(
    layerZero: NodeTensors,
    { users, items, steps }: SampledGraph,
    rows: NodeRows,
  ): NodeTensors {
    const { weightedUserDegrees, weightedItemDegrees } = this.graph
    const loops = {
      users: tf.tensor1d(loopsOf(users, weightedUserDegrees)),
      items: tf.tensor1d(loopsOf(items, weightedItemDegrees)),
    }
    let hidden = layerZero
    for (const [l, operator] of steps.entries()) {
      const support = this.#supportOn({ operator, loops, base: layerZero }, hidden)
      const isLast = l === steps.length - 1
      // Dense products of the last layer and of the head are needed for the rows of the batch only.
      const [own, first] = isLast
        ? [rowsOf(support, rows), rowsOf(layerZero, rows)]
        : [support, layerZero]
      hidden = this.#transform(own, first, l)
    }
    return this.options.head === 'none' ? hidden : this.#head(hidden)
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts): ModelMemoryLaw {
    return { ...propagating(counts), ...denseLayers(this.options, this.options.layers) }
  }

  override dispose(): void {
    if (this.#loops) tf.dispose([this.#loops.users, this.#loops.items])
    this.#loops = undefined
    super.dispose()
  }

  #drops(training: boolean): boolean {
    return training && this.options.dropout > 0
  }

  /** Draws the dropout of this step. */
  #dropout(): Enter {
    const { dropout } = this.options
    const rng = this.nextStepRng()
    return ({ users, items }, l) => ({
      users: dropNumbers(users, dropout, rng, 2 * l),
      items: dropNumbers(items, dropout, rng, 2 * l + 1),
    })
  }

  /** Computes H⁽ᵈᵉᵖᵗʰ⁾. */
  #hidden(depth: number, enter: Enter): NodeTensors {
    let hidden = this.layerZero
    for (let l = 0; l < depth; l++) hidden = this.#layer(enter(hidden, l), l)
    return hidden
  }

  /** Computes H⁽ˡ⁺¹⁾ from its input. */
  #layer(input: NodeTensors, l: number): NodeTensors {
    const residual = this.options.layerResidual ? input : undefined
    return this.#transform(this.#support(input), this.layerZero, l, residual)
  }

  /** Computes S; of GCNII*, Ã H. */
  #support(input: NodeTensors): NodeTensors {
    const whole = { operator: this.#operator, loops: this.#selfLoops(), base: this.layerZero }
    return this.#supportOn(whole, input)
  }

  #supportOn({ operator, loops, base }: Part, input: NodeTensors): NodeTensors {
    const { variant, initialResidual } = this.options
    const mixed = variant === 'gcnii' ? { base, share: initialResidual } : undefined
    return loopedStep(operator, loops, input, mixed)
  }

  /** Computes rows of H⁽ˡ⁺¹⁾ from those of its {@link #support}, of H⁽⁰⁾ and of an input that is added. */
  #transform<Name extends string>(
    support: Rows<Name>,
    first: Rows<Name>,
    l: number,
    input?: Rows<Name>,
  ): Rows<Name> {
    const { activation } = this.options
    const [map, firstMap] = this.#maps(l)
    return mapRows(support, (rows, name) => {
      const own: Tensor2D = tf.matMul(rows, map)
      const mapped: Tensor2D = firstMap ? tf.add(own, tf.matMul(first[name], firstMap)) : own
      const out: Tensor2D = input ? tf.add(mapped, input[name]) : mapped
      return activation === 'relu' ? tf.relu(out) : out
    })
  }

  /**
   * Computes the factors of layer l + 1, [d, d]: S by (1-β) I + β W; or, of GCNII*, with W = [U; V],
   * Ã H by (1-β) (1-α) I + β U and H⁽⁰⁾ by (1-β) α I + β V.
   */
  #maps(l: number): readonly [Tensor2D, Tensor2D?] {
    const { variant, initialResidual, identityDecay, embeddingDim } = this.options
    const beta = Math.log(identityDecay / (l + 1) + 1)
    const weight = this.parameters()[`conv.${l}.weight`] as Tensor2D
    const kept = tf.tensor2d(identity(embeddingDim), [embeddingDim, embeddingDim])
    const map = (keep: number, block: Tensor2D): Tensor2D =>
      tf.add(tf.mul(kept, (1 - beta) * keep), tf.mul(block, beta))
    if (variant === 'gcnii') return [map(1, weight)]
    const block = (place: number): Tensor2D =>
      tf.slice(weight, [place * embeddingDim, 0], [embeddingDim, embeddingDim])
    return [map(1 - initialResidual, block(0)), map(initialResidual, block(1))]
  }

  #head<Name extends string>(hidden: Rows<Name>): Rows<Name> {
    const { embeddingDim } = this.options
    const { 'head.weight': weight, 'head.bias': bias } = this.parameters()
    return mapRows(hidden, (rows) => {
      const out: Tensor2D = tf.matMul(rows, weight as Tensor2D)
      if (!bias) return out
      // As a product, since backends add a row to a tall matrix slowly.
      const ones: Tensor2D = tf.ones([rows.shape[0], 1])
      return tf.add(out, tf.matMul(ones, tf.reshape(bias, [1, embeddingDim]) as Tensor2D))
    })
  }

  #selfLoops(): NodeNumbers {
    if (!this.#loops || !isLive(this.#loops.users)) {
      const { weightedUserDegrees, weightedItemDegrees } = this.graph
      const of = (degrees: Float64Array) =>
        tf.keep(tf.tensor1d(Float32Array.from(degrees, (degree) => 1 / (degree + 1))))
      this.#loops = { users: of(weightedUserDegrees), items: of(weightedItemDegrees) }
    }
    return this.#loops
  }
}

/** The whole graph, or a part of it, with its nodes' loops and rows of H⁽⁰⁾. */
interface Part {
  readonly operator: BipartiteOperator
  readonly loops: NodeNumbers
  readonly base: NodeTensors
}

function loopsOf(nodes: Int32Array, degrees: Float64Array): Float32Array {
  return Float32Array.from(nodes, (node) => 1 / (degrees[node] + 1))
}

const unchanged: Enter = (hidden) => hidden

function mapRows<Name extends string>(
  rows: Rows<Name>,
  map: (rows: Tensor2D, name: Name) => Tensor2D,
): Rows<Name> {
  const entries = Object.entries(rows) as [Name, Tensor2D][]
  return Object.fromEntries(entries.map(([name, of]) => [name, map(of, name)])) as Rows<Name>
}

function identity(size: number): Float32Array {
  const values = new Float32Array(size * size)
  for (let i = 0; i < size; i++) values[i * size + i] = 1
  return values
}
