import { type BipartiteGraph, type Id, parseOptions, Rng, type SampledGraph } from '@gnnrec/graph'
import {
  type BipartiteOperator,
  dropNumbers,
  gatherRows,
  graphSums,
  type NodeRows,
  type NodeTensors,
  spmm,
} from '@gnnrec/ops'
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel, notSaidByClass } from '../embedding-model.js'
import { type HistoryTables, oneStep, pairwise, weightedSum } from '../history/history-tables.js'
import type { ForwardOptions } from '../model-contract.js'
import { type BatchForward, batchNodes, splitBatchNodes } from '../objective/batch-rows.js'
import type { BatchTensors } from '../objective/batch-tensors.js'
import { type GraphCounts, type ModelMemoryLaw, propagating } from '../parameters/memory-law.js'
import { rowsOf } from '../sampled-layers.js'
import { symmetricOperator } from '../symmetric-operator.js'
import {
  type GroupShuffleOptions,
  groupShuffleSchema,
  type ResolvedGroupShuffleOptions,
} from './group-shuffle-options.js'
import { groupShufflePresets } from './group-shuffle-presets.js'
import { layerMatrices } from './layer-matrices.js'
import { fixedPermutation, randomPermutation } from './permutations.js'
import { rotation } from './rotation.js'

/**
 * LightGCN with an initial residual and a trained rotation of the dimensions in each layer:
 *
 *     X⁽ˡ⁺¹⁾ = (1-α) Â X⁽ˡ⁾ Q_l + α E,   X⁽⁰⁾ = E,   Â = D^{-1/2} A D^{-1/2} without self-loops
 *     Q_l = Pᵀ L P R,   L and R block-diagonal of (I + S)(I - S)⁻¹,   S = ½(K - Kᵀ),   P a stride
 *     Z = mean of X⁽⁰⁾..X⁽ˡᵃʸᵉʳˢ⁾
 *
 * E are the free embeddings of users [userCount, d] and items [itemCount, d]; the score is z_u · z_i.
 * The blocks K [d/blockSize, blockSize, blockSize] are trained beside them, `layer.0.left`,
 * `layer.0.right` and so on (`layer.0.block` with one factor). Loss: BPR on Z plus L2 on the batch's
 * rows of E; nothing acts on K.
 *
 * The rotations are those of group-and-shuffle (Gorbunov et al., NeurIPS 2024,
 * https://arxiv.org/abs/2406.10019, code Skonor/group_and_shuffle), which is about fine-tuning weights.
 * Its code turns column vectors, so that its layer is x Qᵀ; here it is x Q. **The graph model has no
 * paper**: it is that of the Python system that this project re-creates, whose form is `factors: 1,
 * orthogonalMap: 'exponential', shuffle: 'random'`. The defaults d 64, 3 layers, blocks of 8 and α 0.1
 * are its own; nobody has tuned them.
 *
 * Effect of rotations: distances and dot products of a layer stay as they are without, so
 * with α = 0 its last layer is as smooth as LightGCN's. They act through the mean of layers and
 * through α E only, which they turn against each other.
 *
 * A step costs little more than LightGCN's: rotations commute with Â, so dense products are needed for
 * the rows of the batch only. As Q starts as the identity, the model starts as LightGCN with a
 * residual; with α = 0 that is {@link LightGcn} to the bit, and with 0 layers it is {@link BprMf}.
 *
 * @example
 * ```ts
 * import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
 * import { GroupShuffle } from '@gnnrec/models'
 *
 * const graph = BipartiteGraph.fromInteractions(
 *   fromRecords([
 *     { user: 'ann', item: 'Alien' },
 *     { user: 'ann', item: 'Brazil' },
 *     { user: 'bob', item: 'Alien' },
 *     { user: 'eve', item: 'Casablanca' },
 *   ]),
 * )
 * const model = new GroupShuffle(graph, { embeddingDim: 8, layers: 2, blockSize: 4 })
 * await model.prepare()
 * const recommender = await model.toRecommender()
 * console.log(model.describe().parameterCount, recommender.recommend('bob', { k: 1 }).items)
 * ```
 */
export class GroupShuffle<User extends Id = Id, Item extends Id = Id> extends EmbeddingModel<
  User,
  Item,
  ResolvedGroupShuffleOptions
> {
  static override readonly architecture = 'group-shuffle'
  static override readonly optionsSchema = groupShuffleSchema
  static override readonly presets = groupShufflePresets
  static override readonly capabilities = { ...EmbeddingModel.capabilities, sampledGraphs: true }

  readonly #operator: BipartiteOperator

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph<User, Item>, options: GroupShuffleOptions = {}) {
    const settings = parseOptions(GroupShuffle.architecture, groupShuffleSchema, options)
    super(graph, settings)
    const { embeddingDim, layers, blockSize, factors, blockDeviation, shuffle, seed } = settings
    const rng = Rng.fromSeed(seed).fork('init')
    for (let layer = 0; layer < layers; layer++) {
      for (const name of blockNames(layer, factors)) {
        const initialValues = () => {
          const values = new Float32Array(embeddingDim * blockSize)
          if (blockDeviation > 0) rng.fork(name).fillNormal(values, blockDeviation)
          return values
        }
        this.addParameter(name, initialValues, [embeddingDim / blockSize, blockSize, blockSize])
      }
      if (shuffle === 'random') {
        const name = permutationName(layer)
        const permutation = randomPermutation(embeddingDim, rng.fork(name))
        this.addBuffer(name, permutation, [embeddingDim])
      }
    }
    this.#operator = symmetricOperator(graph)
  }

  override layerOutputs(): NodeTensors[] {
    const { users, items } = this.layerZero
    return [
      { users: tf.clone(users), items: tf.clone(items) },
      ...tf.tidy(() => this.#propagate(this.layerZero, () => this.#operator)),
    ]
  }

  protected override forwardBatch({ training = false }: ForwardOptions): NodeTensors {
    const { layerZero } = this
    if (this.options.layers === 0) return layerZero
    if (!this.#drops({ training })) {
      const { userCount, itemCount } = this.graph
      const all = { users: indicesFrom(0, userCount), items: indicesFrom(0, itemCount) }
      return this.#meanRows(layerZero, all)
    }
    const { dropout } = this.options
    const rng = this.nextStepRng()
    const drop: Enter = ({ users, items }, layer) => ({
      users: dropNumbers(users, dropout, rng, 2 * layer),
      items: dropNumbers(items, dropout, rng, 2 * layer + 1),
    })
    return mean([layerZero, ...this.#propagate(layerZero, () => this.#operator, drop)])
  }

  /** One step from the items: their layers, each turned by its rotation. The layer 0 of an untrained user is 0. */
  protected override historyTables(): HistoryTables | undefined {
    const { layers, initialResidual } = this.options
    if (this.constructor !== GroupShuffle) return undefined
    if (layers === 0) return pairwise(this.options.l2Weight)
    const outputs = this.layerOutputs()
    const turned = this.#rotations().map((rotation, l) =>
      tf.matMul<Tensor2D>(outputs[l].items, rotation),
    )
    const weight = (1 - initialResidual) / (layers + 1)
    const weights = new Array<number>(layers).fill(weight)
    return oneStep(weightedSum(turned, weights), this.graph.weightedItemDegrees, 0)
  }

  protected override get sampledOperator() {
    if (this.constructor !== GroupShuffle) return notSaidByClass
    const { layers, dropout } = this.options
    if (layers === 0) return 'with 0 layers it propagates nothing'
    if (dropout > 0) return 'its dropout draws for all nodes (0 turns it off)'
    return { steps: layers, regularization: 0 }
  }

  protected override propagateSampled(
    layerZero: NodeTensors,
    { steps }: SampledGraph,
    rows: NodeRows,
  ): NodeTensors {
    const layers = [layerZero, ...this.#propagate(layerZero, (layer) => steps[layer])]
    return mean(layers.map((layer) => rowsOf(layer, rows)))
  }

  protected override batchForward(
    indices: BatchTensors,
    options: Required<ForwardOptions>,
  ): BatchForward {
    if (this.options.layers === 0 || this.#drops(options)) {
      return super.batchForward(indices, options)
    }
    const rows = batchNodes(indices)
    const initial = mapSides((side) => gatherRows(this.layerZero[side], rows[side]))
    const split = (nodes: NodeTensors) => splitBatchNodes(nodes, indices)
    const tables = () => this.forwardBatch(options)
    return {
      final: split(this.#meanRows(initial, rows)),
      regularized: split(initial),
      // The loss needs rows only; whoever adds terms on all nodes asks for these.
      get tables() {
        return tables()
      },
    }
  }

  /** @internal */
  override memoryLaw(counts: GraphCounts, negativesPerPositive: number): ModelMemoryLaw {
    const { layers, dropout } = this.options
    if (layers === 0) return super.memoryLaw(counts, negativesPerPositive)
    return {
      ...propagating(counts),
      stepTables: dropout > 0 ? 7 * layers + 7 : Math.min(Math.max(layers + 1, 3), 4),
      rowsPerSample: 22 + 12 * layers,
      outputTables: 2 * layers + 2,
      layerTables: 3 * layers + 1,
    }
  }

  #drops({ training }: Required<ForwardOptions>): boolean {
    return training && this.options.dropout > 0
  }

  /** Computes rows of the mean of all layers from those of layer 0. */
  #meanRows(initial: NodeTensors, rows: NodeRows): NodeTensors {
    const { layers, initialResidual } = this.options
    const matrices = layerMatrices(this.#rotations(), initialResidual)
    const sumSettings = { layers, weight: 1 / (layers + 1) }
    const sums = graphSums(this.#operator, this.layerZero, sumSettings, rows)
    return mapSides((side) =>
      tf.addN([
        tf.matMul(initial[side], matrices.initial),
        ...sums.map((sum, place) => tf.matMul(sum[side], matrices.sums[place])),
      ]),
    )
  }

  /** Computes layers 1..L, each from what `enter` makes of the one before. */
  #propagate(
    layerZero: NodeTensors,
    operatorOf: (layer: number) => BipartiteOperator,
    enter: Enter = (x) => x,
  ): NodeTensors[] {
    const { initialResidual } = this.options
    const residual = mapSides((side) => tf.mul(layerZero[side], initialResidual))
    let x = layerZero
    return this.#rotations().map((rotation, layer) => {
      const { toUsers, toItems } = operatorOf(layer)
      const { users, items } = enter(x, layer)
      const scaled = tf.mul<Tensor2D>(rotation, 1 - initialResidual)
      x = {
        users: tf.add(tf.matMul(spmm(toUsers, items), scaled), residual.users),
        items: tf.add(tf.matMul(spmm(toItems, users), scaled), residual.items),
      }
      return x
    })
  }

  /** Q_0..Q_{L-1}. */
  #rotations(): Tensor2D[] {
    const { layers, embeddingDim, blockSize, factors, orthogonalMap, shuffle } = this.options
    const parameters = this.parameters()
    return Array.from({ length: layers }, (_, layer) =>
      rotation(
        blockNames(layer, factors).map((name) => parameters[name]),
        {
          map: orthogonalMap,
          skewScale: factors === 2 ? 0.5 : 1,
          blockSize,
          permutation:
            shuffle === 'random'
              ? (this.buffer(permutationName(layer)) as Int32Array)
              : fixedPermutation(shuffle, embeddingDim, blockSize),
        },
      ),
    )
  }
}

/** A function that gives the input of a layer from the layer before. */
type Enter = (x: NodeTensors, layer: number) => NodeTensors

function mean(layers: readonly NodeTensors[]): NodeTensors {
  return mapSides((side) => tf.mul(tf.addN(layers.map((layer) => layer[side])), 1 / layers.length))
}

function blockNames(layer: number, factors: 1 | 2): string[] {
  return (factors === 2 ? ['left', 'right'] : ['block']).map((name) => `layer.${layer}.${name}`)
}

function permutationName(layer: number): string {
  return `layer.${layer}.permutation`
}

function indicesFrom(first: number, count: number): Tensor1D {
  return tf.range(first, first + count, 1, 'int32')
}

function mapSides(make: (side: keyof NodeTensors) => Tensor): NodeTensors {
  return { users: make('users') as Tensor2D, items: make('items') as Tensor2D }
}
