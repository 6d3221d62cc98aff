import { type BipartiteGraph, parseOptions, Rng } from '@gnnrec/graph'
import { type BipartiteOperator, type NodeTensors, scaleRows, spmm } from '@gnnrec/graph/ops'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { dropNumbers } from '../dropout.js'
import { EmbeddingModel } from '../embedding-model.js'
import type { ForwardOptions } from '../model-contract.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type GcniiOptions, gcniiSchema, type ResolvedGcniiOptions } from './gcnii-options.js'

/** What enters layer l + 1, given H⁽ˡ⁾. */
type Enter = (hidden: NodeTensors, l: number) => NodeTensors

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
 * Loss: BPR on Z plus L2 on the batch's rows of H⁽⁰⁾; the official code decays `conv` by 0.01 and
 * dense layers by 5e-4, which is `weightDecay` of a trainer.
 *
 * With `activation: 'identity'` and `head: 'none'` it is linear, and with 0 layers besides, it is
 * `BprMf` to the bit.
 */
export class Gcnii extends EmbeddingModel {
  static override readonly architecture = 'Gcnii'

  readonly #settings: ResolvedGcniiOptions
  readonly #operator: BipartiteOperator
  /** 1 / (degree + 1) by node, made when first needed. */
  #loops: { readonly users: Tensor1D; readonly items: Tensor1D } | undefined

  /** @throws InvalidOptionsError when an option is misspelt or out of range */
  constructor(graph: BipartiteGraph, options: GcniiOptions = {}) {
    const settings = parseOptions('Gcnii', gcniiSchema, options)
    super(graph, settings)
    this.#settings = settings
    this.#operator = symmetricOperator(graph, 1)
    const { layers, variant, embeddingDim, head, seed } = settings
    const rng = Rng.fromSeed(seed).fork('init').fork('conv')
    const rows = variant === 'gcnii*' ? 2 * embeddingDim : embeddingDim
    for (let layer = 0; layer < layers; layer++) {
      const stream = rng.fork(String(layer))
      const bound = 1 / Math.sqrt(embeddingDim)
      const values = new Float32Array(rows * embeddingDim)
      for (let i = 0; i < values.length; i++) values[i] = bound * (2 * stream.uniform() - 1)
      this.addParameter(`conv.${layer}.weight`, values, [rows, embeddingDim])
    }
    if (head === 'none') return
    this.addParameter('head.weight', identity(embeddingDim), [embeddingDim, embeddingDim])
    if (head === 'linear') {
      this.addParameter('head.bias', new Float32Array(embeddingDim), [embeddingDim])
    }
  }

  override layerOutputs(): NodeTensors[] {
    return tf.tidy(() =>
      this.#hidden((hidden) => hidden).map(({ users, items }) => ({
        users: tf.clone(users),
        items: tf.clone(items),
      })),
    )
  }

  protected override forwardBatch({ training = false }: ForwardOptions): NodeTensors {
    const { layers, head } = this.#settings
    const enter = this.#entrance(training)
    const last = this.#hidden(enter).at(-1) as NodeTensors
    if (head === 'none') return last
    const { users, items } = enter(last, layers)
    return { users: this.#head(users), items: this.#head(items) }
  }

  override dispose(): void {
    if (this.#loops) tf.dispose([this.#loops.users, this.#loops.items])
    this.#loops = undefined
    super.dispose()
  }

  /** Dropout, in training. */
  #entrance(training: boolean): Enter {
    const { dropout } = this.#settings
    if (!training || dropout === 0) return (hidden) => hidden
    const rng = this.nextStepRng()
    return ({ users, items }, l) => ({
      users: dropNumbers(users, dropout, rng, 2 * l),
      items: dropNumbers(items, dropout, rng, 2 * l + 1),
    })
  }

  /** H⁽⁰⁾ .. H⁽ᴸ⁾ */
  #hidden(enter: Enter): NodeTensors[] {
    const hidden = [this.layerZero]
    for (let l = 0; l < this.#settings.layers; l++) hidden.push(this.#layer(enter(hidden[l], l), l))
    return hidden
  }

  /** H⁽ˡ⁺¹⁾ from its input. */
  #layer({ users, items }: NodeTensors, l: number): NodeTensors {
    const { variant, initialResidual, activation } = this.#settings
    const { toUsers, toItems } = this.#operator
    const loops = this.#selfLoops()
    const maps = this.#maps(l)
    const next = (product: Tensor2D, own: Tensor2D, scales: Tensor1D, first: Tensor2D) => {
      const neighbours: Tensor2D = tf.add(product, scaleRows(scales, own))
      const out: Tensor2D =
        variant === 'gcnii*'
          ? tf.add(tf.matMul(neighbours, maps[0]), tf.matMul(first, maps[1] as Tensor2D))
          : tf.matMul(
              tf.add(tf.mul(neighbours, 1 - initialResidual), tf.mul(first, initialResidual)),
              maps[0],
            )
      return activation === 'relu' ? tf.relu(out) : out
    }
    const first = this.layerZero
    return {
      users: next(spmm(toUsers, items), users, loops.users, first.users),
      items: next(spmm(toItems, users), items, loops.items, first.items),
    }
  }

  /**
   * What layer l + 1 multiplies by, [d, d]: S by (1-β) I + β W; or, of GCNII*, with W = [U; V],
   * Ã H by (1-β) (1-α) I + β U and H⁽⁰⁾ by (1-β) α I + β V.
   */
  #maps(l: number): readonly [Tensor2D, Tensor2D?] {
    const { variant, initialResidual, identityDecay, embeddingDim } = this.#settings
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

  #head(hidden: Tensor2D): Tensor2D {
    const { embeddingDim } = this.#settings
    const { 'head.weight': weight, 'head.bias': bias } = this.parameters()
    const out: Tensor2D = tf.matMul(hidden, weight as Tensor2D)
    if (!bias) return out
    // As a product, since backends add a row to a tall matrix slowly.
    const ones: Tensor2D = tf.ones([hidden.shape[0], 1])
    return tf.add(out, tf.matMul(ones, tf.reshape(bias, [1, embeddingDim]) as Tensor2D))
  }

  #selfLoops(): { readonly users: Tensor1D; readonly items: Tensor1D } {
    if (!this.#loops) {
      const of = (degrees: Int32Array) =>
        tf.keep(tf.tensor1d(Float32Array.from(degrees, (degree) => 1 / (degree + 1))))
      this.#loops = { users: of(this.graph.userDegrees), items: of(this.graph.itemDegrees) }
    }
    return this.#loops
  }
}

function identity(size: number): Float32Array {
  const values = new Float32Array(size * size)
  for (let i = 0; i < size; i++) values[i * size + i] = 1
  return values
}
