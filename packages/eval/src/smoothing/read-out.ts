import type { Ranker } from '@gnnrec/graph'
import { refusePromise } from '@gnnrec/graph/kernels'
import type { NodeEmbeddings } from './node-rows.js'

/**
 * A way to make the embeddings that score from the layers 0..l: their mean (LightGCN, DGR,
 * GroupShuffle), the last one (GCNII), the sum of the layers 1..l (LayerGCN), or a function.
 */
export type ReadOut =
  | 'mean'
  | 'last'
  | 'sum'
  | ((layers: readonly NodeEmbeddings[]) => NodeEmbeddings)

/** Makes embeddings from layers. */
export function readOut(layers: readonly NodeEmbeddings[], how: ReadOut): NodeEmbeddings {
  if (typeof how === 'function') return refusePromise('readOut', how(layers))
  if (how === 'last' || layers.length === 1) return layers[layers.length - 1]
  const summed = how === 'mean' ? layers : layers.slice(1)
  const scale = how === 'mean' ? 1 / layers.length : 1
  const combine = (side: 'users' | 'items'): Float32Array => {
    const sum = new Float64Array(layers[0][side].length)
    for (const layer of summed) {
      const values = layer[side]
      for (let i = 0; i < sum.length; i++) sum[i] += scale * values[i]
    }
    return Float32Array.from(sum)
  }
  return {
    users: combine('users'),
    items: combine('items'),
    dimensions: layers[0].dimensions,
  }
}

/** Makes a ranker that scores by the dot product. */
export function dotRanker({ users, items, dimensions }: NodeEmbeddings): Ranker {
  const itemCount = items.length / dimensions
  return {
    userCount: users.length / dimensions,
    itemCount,
    scoreUsers(indices, out) {
      for (let row = 0; row < indices.length; row++) {
        const user = users.subarray(indices[row] * dimensions, (indices[row] + 1) * dimensions)
        for (let item = 0; item < itemCount; item++) {
          let sum = 0
          for (let d = 0; d < dimensions; d++) sum += user[d] * items[item * dimensions + d]
          out[row * itemCount + item] = sum
        }
      }
    },
  }
}
