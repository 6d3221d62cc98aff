import { type BipartiteGraph, type Id, parseOptions, sizeLimits } from '@gnnrec/graph'
import { EmbeddingModel, type EmbeddingOptions, embeddingOptionsShape } from '@gnnrec/models'
import { type NodeTensors, spmm } from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'
import * as z from 'zod'

/** Options of {@link LearnedLayers}: those of every embedding model and the number of layers. */
export interface LearnedLayersOptions extends EmbeddingOptions {
  layers?: number
}

const schema = z.strictObject({
  ...embeddingOptionsShape,
  // Without a bound, a slip such as 1e9 layers would compute for ever.
  layers: z.int().min(1).max(sizeLimits.layers).default(3),
})

/** LightGCN whose layer weights are learnt: Z = Σ_l softmax(w)_l · Âˡ E. */
export class LearnedLayers extends EmbeddingModel<Id, Id, z.output<typeof schema>> {
  static override readonly architecture = 'learned-layers'

  constructor(graph: BipartiteGraph, options: LearnedLayersOptions = {}) {
    const settings = parseOptions(LearnedLayers.architecture, schema, options)
    super(graph, settings)
    this.addParameter('layerWeights', new Float32Array(settings.layers + 1), [settings.layers + 1])
  }

  override layerOutputs(): NodeTensors[] {
    const toUsers = this.graph.biadjacency({ normalization: 'symmetric' })
    // What a method returns is the caller's; tidy disposes of everything else.
    return tf.tidy(() => {
      const layers = [this.layerZero]
      for (const last of layers) {
        if (layers.length > this.options.layers) break
        layers.push({
          users: spmm(toUsers, last.items),
          items: spmm(toUsers.transpose(), last.users),
        })
      }
      return layers.map(({ users, items }) => ({ users: tf.clone(users), items: tf.clone(items) }))
    })
  }

  protected override forwardBatch(): NodeTensors {
    const shares = tf.unstack(tf.softmax(this.parameters()['layerWeights'] as tf.Tensor1D))
    const layers = this.layerOutputs()
    const sum = (side: 'users' | 'items') =>
      tf.addN(layers.map((layer, l) => tf.mul(layer[side], shares[l]))) as tf.Tensor2D
    return { users: sum('users'), items: sum('items') }
  }
}
