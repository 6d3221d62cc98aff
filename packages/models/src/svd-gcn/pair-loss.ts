import { gatherRows, rowDot } from '@gnnrec/ops'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import type { Pairs } from './pair-sampler.js'

/** Final embeddings of the pairs of a batch, [P, d] each. */
export interface PairRows {
  readonly own: Tensor2D
  readonly positives: Tensor2D
  readonly negatives: Tensor2D
}

/**
 * @param batch - final embeddings of the batch's rows [B, d]
 * @param rowsAt - final embeddings by index
 */
export function pairRows(
  batch: Tensor2D,
  { places, positives, negatives }: Pairs,
  rowsAt: (indices: Int32Array) => Tensor2D,
): PairRows | undefined {
  if (places.length === 0) return undefined
  const isWhole = places.length === batch.shape[0]
  return {
    own: isWhole ? batch : gatherRows(batch, tf.tensor1d(places, 'int32')),
    positives: rowsAt(positives),
    negatives: rowsAt(negatives),
  }
}

/** 1/B · Σ softplus(z·z⁻ - z·z⁺) over the pairs of a batch of B samples. */
export function pairLoss({ own, positives, negatives }: PairRows, samples: number): Scalar {
  const margins = tf.sub(rowDot(own, negatives), rowDot(own, positives))
  return tf.mul(tf.sum(tf.softplus(margins)), 1 / samples)
}
