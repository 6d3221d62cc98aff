import { type BipartiteGraph, parseOptions, Rng } from '@gnnrec/graph'
import { type BipartiteOperator, type NodeTensors, scaleRows, spmm } from '@gnnrec/graph/ops'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { EmbeddingModel } from '../embedding-model.js'
import { symmetricOperator } from '../symmetric-operator.js'
import { type GcniiOptions, gcniiSchema, type ResolvedGcniiOptions } from './gcnii-options.js'

/**
 * GCNII (Chen et al., ICML 2020, https://arxiv.org/abs/2007.02133), which classifies nodes, made a
 * recommender: free embeddings take the place of relu(fc(x)), and there are no published results.
 *
 *     S = (1-α) Ã H⁽ˡ⁻¹⁾ + α H⁽⁰⁾,   H⁽ˡ⁾ = act(S ((1-β_l) I + β_l W_l)),   β_l = ln(λ/l + 1)
 *     Z = H⁽ᴸ⁾ W + b
 *
 * Ã = (D+I)^{-1/2} (A+I) (D+I)^{-1/2} has self-loops, which keep its spectrum above -1. H⁽⁰⁾ are the
 * free embeddings of users [userCount, d] and items [itemCount, d]; each W_l [d, d] starts at
 * U(±1/√d) and the head as the identity. Loss: BPR on Z plus L2 on the batch's rows of H⁽⁰⁾; the
 * official code decays `conv` by 0.01 and dense layers by 5e-4, which is `weightDecay` of a trainer.
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
    const { layers, embeddingDim, head, seed } = settings
    const rng = Rng.fromSeed(seed).fork('init').fork('conv')
    for (let layer = 0; layer < layers; layer++) {
      const stream = rng.fork(String(layer))
      const bound = 1 / Math.sqrt(embeddingDim)
      const values = new Float32Array(embeddingDim * embeddingDim)
      for (let i = 0; i < values.length; i++) values[i] = bound * (2 * stream.uniform() - 1)
      this.addParameter(`conv.${layer}.weight`, values, [embeddingDim, embeddingDim])
    }
    if (head === 'none') return
    this.addParameter('head.weight', identity(embeddingDim), [embeddingDim, embeddingDim])
    if (head === 'linear') {
      this.addParameter('head.bias', new Float32Array(embeddingDim), [embeddingDim])
    }
  }

  override layerOutputs(): NodeTensors[] {
    return tf.tidy(() =>
      this.#hidden().map(({ users, items }) => ({
        users: tf.clone(users),
        items: tf.clone(items),
      })),
    )
  }

  protected override forwardBatch(): NodeTensors {
    const last = this.#hidden().at(-1) as NodeTensors
    return { users: this.#head(last.users), items: this.#head(last.items) }
  }

  override dispose(): void {
    if (this.#loops) tf.dispose([this.#loops.users, this.#loops.items])
    this.#loops = undefined
    super.dispose()
  }

  /** H⁽⁰⁾ .. H⁽ᴸ⁾ */
  #hidden(): NodeTensors[] {
    const { layers, identityDecay, embeddingDim } = this.#settings
    const hidden = [this.layerZero]
    for (let layer = 1; layer <= layers; layer++) {
      const beta = Math.log(identityDecay / layer + 1)
      const weight = this.parameters()[`conv.${layer - 1}.weight`] as Tensor2D
      const kept = tf.tensor2d(identity(embeddingDim), [embeddingDim, embeddingDim])
      const map: Tensor2D = tf.add(tf.mul(kept, 1 - beta), tf.mul(weight, beta))
      hidden.push(this.#layer(hidden[layer - 1], map))
    }
    return hidden
  }

  #layer({ users, items }: NodeTensors, map: Tensor2D): NodeTensors {
    const { initialResidual, activation } = this.#settings
    const { toUsers, toItems } = this.#operator
    const loops = this.#selfLoops()
    const next = (product: Tensor2D, own: Tensor2D, scales: Tensor1D, first: Tensor2D) => {
      const neighbours: Tensor2D = tf.add(product, scaleRows(scales, own))
      const sum = tf.add(tf.mul(neighbours, 1 - initialResidual), tf.mul(first, initialResidual))
      const out: Tensor2D = tf.matMul(sum as Tensor2D, map)
      return activation === 'relu' ? tf.relu(out) : out
    }
    const first = this.layerZero
    return {
      users: next(spmm(toUsers, items), users, loops.users, first.users),
      items: next(spmm(toItems, users), items, loops.items, first.items),
    }
  }

  #head(hidden: Tensor2D): Tensor2D {
    const { head, embeddingDim } = this.#settings
    if (head === 'none') return hidden
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
