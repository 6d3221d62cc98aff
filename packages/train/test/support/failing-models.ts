// Reconstructions of how models fail to learn: those of a Python system whose six graph models all
// ended with the same lists, and others.

import { type Batch, type BipartiteGraph, Rng } from '@gnnrec/graph'
import { GraphModel, type LossTerms } from '@gnnrec/models'
import { gatherRows, type NodeTensors, spmm } from '@gnnrec/ops'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

const dim = 16

export interface OwnModelOptions {
  /** Initial deviation that the options claim. */
  readonly initialDeviation?: number
  /** Initial deviation that the class really uses. */
  readonly actualDeviation?: number
  readonly layers?: number
  /** Factor on Σ θ² of whole tables in the loss. */
  readonly wholeTableDecay?: number
}

/** LightGCN as a user of the library might write it, without L2 on the batch's rows. */
export class OwnModel extends GraphModel {
  static override readonly architecture: string = 'OwnModel'
  readonly #decay: number
  readonly #layers: number

  constructor(graph: BipartiteGraph, options: OwnModelOptions = {}) {
    const { initialDeviation = 0.1, wholeTableDecay = 0, layers = 2 } = options
    super(graph, { initialDeviation })
    this.#decay = wholeTableDecay
    this.#layers = layers
    const deviation = options.actualDeviation ?? initialDeviation
    for (const [name, rows] of [
      ['users', graph.userCount],
      ['items', graph.itemCount],
    ] as const) {
      const values = new Float32Array(rows * dim)
      Rng.fromSeed(1).fork(name).fillNormal(values, deviation)
      this.addParameter(name, values, [rows, dim], 'embeddings')
    }
  }

  override layerOutputs(): NodeTensors[] {
    const { users, items } = this.parameters() as Record<string, Tensor2D>
    const biadjacency = this.graph.biadjacency({ normalization: 'symmetric' })
    const layers: NodeTensors[] = [{ users: tf.clone(users), items: tf.clone(items) }]
    for (let layer = 0; layer < this.#layers; layer++) {
      const last = layers[layer]
      layers.push({
        users: spmm(biadjacency, last.items),
        items: spmm(biadjacency.transpose(), last.users),
      })
    }
    return layers
  }

  override forward(): NodeTensors {
    return tf.tidy(() => {
      const layers = this.layerOutputs()
      const mean = (side: 'users' | 'items') =>
        tf.mul(tf.addN(layers.map((layer) => layer[side])), 1 / layers.length) as Tensor2D
      return { users: mean('users'), items: mean('items') }
    })
  }

  /** The embeddings that the loss takes. */
  protected lossEmbeddings(): NodeTensors {
    return this.forward()
  }

  override lossTerms(batch: Batch): LossTerms {
    return tf.tidy(() => {
      const { users, items } = this.lossEmbeddings()
      const rows = (table: Tensor2D, index: Int32Array) =>
        gatherRows(table, tf.tensor1d(index, 'int32'))
      const user = rows(users, batch.users)
      const difference = tf.sub(rows(items, batch.negatives), rows(items, batch.positives))
      const bpr = tf.mean(tf.softplus(tf.sum(tf.mul(user, difference), 1))) as Scalar
      const l2 = tf.addN(
        Object.values(this.parameters()).map((table) => tf.sum(tf.square(table))),
      ) as Scalar
      return { total: tf.add(bpr, tf.mul(l2, this.#decay)) as Scalar, terms: { bpr, l2 } }
    })
  }
}

function copyOf({ users, items }: NodeTensors): NodeTensors {
  const copy = (table: Tensor2D) => tf.tensor2d(table.dataSync().slice(), table.shape)
  return { users: copy(users), items: copy(items) }
}

/**
 * The Python system after its "fix": embeddings are computed with gradients for the first batch of an
 * epoch and anew after each batch, without gradients.
 */
export class GradientlessModel extends OwnModel {
  static override readonly architecture: string = 'GradientlessModel'
  #isFirst = true

  override beginEpoch(...options: Parameters<GraphModel['beginEpoch']>): void {
    super.beginEpoch(...options)
    this.#isFirst = true
  }

  protected override lossEmbeddings(): NodeTensors {
    const isFirst = this.#isFirst
    this.#isFirst = false
    return isFirst ? this.forward() : copyOf(this.forward())
  }
}

/** Embeddings are computed anew for every batch, without gradients. */
export class CopyingModel extends OwnModel {
  static override readonly architecture: string = 'CopyingModel'

  protected override lossEmbeddings(): NodeTensors {
    return copyOf(this.forward())
  }
}

/** The Python system before: embeddings are computed once an epoch. */
export class CachingModel extends OwnModel {
  static override readonly architecture: string = 'CachingModel'
  #cache: NodeTensors | undefined

  override beginEpoch(...options: Parameters<GraphModel['beginEpoch']>): void {
    super.beginEpoch(...options)
    if (this.#cache) tf.dispose([this.#cache.users, this.#cache.items])
    this.#cache = tf.tidy(() => copyOf(this.forward()))
    tf.keep(this.#cache.users)
    tf.keep(this.#cache.items)
  }

  protected get cache(): NodeTensors {
    return this.#cache as NodeTensors
  }

  protected override lossEmbeddings(): NodeTensors {
    return this.cache
  }
}

/** Items come from an earlier pass, users do not, so that the gradient lives. */
export class HalfCachingModel extends CachingModel {
  static override readonly architecture = 'HalfCachingModel'

  protected override lossEmbeddings(): NodeTensors {
    return { users: this.forward().users, items: this.cache?.items ?? this.forward().items }
  }
}

/** Ranks by the embeddings that it had first. */
export class FrozenModel extends OwnModel {
  static override readonly architecture: string = 'FrozenModel'
  #first: NodeTensors | undefined

  protected override lossEmbeddings(): NodeTensors {
    return super.forward()
  }

  override forward(): NodeTensors {
    this.#first ??= tf.tidy(() => {
      const { users, items } = copyOf(super.forward())
      return { users: tf.keep(users), items: tf.keep(items) }
    })
    return { users: tf.clone(this.#first.users), items: tf.clone(this.#first.items) }
  }
}

/** All items have the same embedding. */
export class ConstantModel extends OwnModel {
  static override readonly architecture: string = 'ConstantModel'

  override forward(): NodeTensors {
    return tf.tidy(() => {
      const { users, items } = super.forward()
      const middle = tf.mean(items, 0, true)
      return { users, items: tf.tile(middle, [items.shape[0], 1]) as Tensor2D }
    })
  }
}

/** A model whose items learn nothing that depends on the user. */
export class UserlessModel extends OwnModel {
  static override readonly architecture: string = 'UserlessModel'

  override forward(): NodeTensors {
    return tf.tidy(() => {
      const { users, items } = super.forward()
      return { users: tf.onesLike(users), items }
    })
  }
}

/** In its last layer all users have one direction, and all items. */
export class OneWayLayerModel extends OwnModel {
  static override readonly architecture: string = 'OneWayLayerModel'

  override layerOutputs(): NodeTensors[] {
    return tf.tidy(() => {
      const layers = super.layerOutputs()
      return [...layers.slice(0, -1), oneWay(layers[layers.length - 1])]
    })
  }
}

/** It ranks by embeddings of one direction. */
export class OneWayModel extends OwnModel {
  static override readonly architecture: string = 'OneWayModel'

  override forward(): NodeTensors {
    return tf.tidy(() => oneWay(super.forward()))
  }
}

function oneWay({ users, items }: NodeTensors): NodeTensors {
  const first = (rows: Tensor2D) =>
    tf.tile(tf.slice(rows, [0, 0], [rows.shape[0], 1]), [1, dim]) as Tensor2D
  return { users: first(users), items: first(items) }
}
