import { yieldToEventLoop } from '@gnnrec/graph'
import type { NodeTensors } from '@gnnrec/ops'
import type { Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { ownValues } from './own-values.js'

/** The embeddings that a model ranks by, outside any backend. */
export interface FinalEmbeddings {
  readonly embeddingDim: number
  readonly userEmbeddings: Float32Array
  readonly itemEmbeddings: Float32Array
  readonly itemBias?: Float32Array
}

/** Reads the result of a forward pass into arrays of the caller's own and frees it; a bias stays with its owner. */
export async function readEmbeddings(
  compute: () => NodeTensors & { readonly bias: Tensor1D | undefined },
): Promise<FinalEmbeddings> {
  const { users, items, bias } = tf.tidy(() => {
    const { users, items, bias } = compute()
    return { users, items, ...(bias && { bias: tf.clone(bias) }) }
  })
  try {
    // The pass, the copy and the work after it each take long on a large graph.
    await yieldToEventLoop()
    const read = await Promise.all([
      users.data<'float32'>(),
      items.data<'float32'>(),
      bias?.data<'float32'>(),
    ])
    const [userEmbeddings, itemEmbeddings] = [ownValues(read[0]), ownValues(read[1])]
    const itemBias = read[2] && ownValues(read[2])
    await yieldToEventLoop()
    const embeddingDim = users.shape[1]
    return { embeddingDim, userEmbeddings, itemEmbeddings, ...(itemBias && { itemBias }) }
  } finally {
    tf.dispose([users, items, ...(bias ? [bias] : [])])
  }
}
