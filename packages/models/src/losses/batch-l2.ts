import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * ½/B · Σ ‖row‖² over the rows that a batch of B samples touches, with repetition: the regulariser
 * of LightGCN's official code. It acts on layer-0 rows of the batch alone and is no weight decay of
 * whole tables, which drives rarely sampled rows to zero.
 */
export function batchL2(rows: readonly Tensor2D[], samples: number): Scalar {
  const sums = rows.map((row) => tf.sum(tf.square(row)))
  return tf.mul(tf.addN(sums), 0.5 / samples)
}
