import type { GradSaveFunc, Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * What the L2 term of a batch of B samples is, over the rows that the batch touches, with
 * repetition. The conventions of published code, which differ in scale:
 *
 * - `'mean-squares'`: ½/B · Σ ‖row‖² (LightGCN; RecBole's `EmbLoss` with `require_pow`)
 * - `'sum-squares'`: ½ · Σ ‖row‖², with a loss that is a sum over the batch (LayerGCN): B times the
 *   former, so its weight is on the same scale beside `reduction: 'sum'`
 * - `'mean-norms'`: 1/B · Σ ‖X‖_F over the matrices X of users, positives and negatives, not squared
 *   (RecBole's `EmbLoss` by default): a far weaker scale
 */
export type L2Convention = 'mean-squares' | 'sum-squares' | 'mean-norms'

/**
 * L2 on the rows of a batch: the one regulariser of embeddings. It acts on the batch's rows alone
 * and is no weight decay of whole tables, which drives rarely sampled rows to zero.
 *
 * @param rows - matrices of rows: users, positives, negatives
 * @param samples - B
 */
export function batchL2(
  rows: readonly Tensor2D[],
  samples: number,
  convention: L2Convention = 'mean-squares',
): Scalar {
  const squares = rows.map(squaredSum)
  if (convention === 'mean-norms') return tf.mul(tf.addN(squares.map(norm)), 1 / samples)
  return tf.mul(tf.addN(squares), l2Factor(convention, samples))
}

/** What the sum of all squares counts. */
export function l2Factor(convention: 'mean-squares' | 'sum-squares', samples: number): number {
  return convention === 'mean-squares' ? 0.5 / samples : 0.5
}

/** Σ x². Its gradient is one product, where that of the two operators makes a table of ones first. */
function squaredSum(x: Tensor2D): Scalar {
  const operator = tf.customGrad((given, save) => {
    ;(save as GradSaveFunc)([given as Tensor2D])
    return {
      value: tf.sum<Scalar>(tf.square(given as Tensor2D)),
      gradFunc: (dy, [saved]) => tf.mul(saved, tf.mul(dy, 2)),
    }
  })
  return operator(x) as Scalar
}

/** The root, whose gradient at 0 is 0 here. */
function norm(squared: Scalar): Scalar {
  return tf.sqrt(tf.maximum(squared, 1e-30))
}
