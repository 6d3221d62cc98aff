import type { GradSaveFunc, Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * The form of the L2 term of a batch of B samples, over the rows that the batch touches, with
 * repetition. Published code has conventions that differ in scale:
 *
 * - `'mean-squares'`: ½/B · Σ ‖row‖² (LightGCN; RecBole's `EmbLoss` with `require_pow`)
 * - `'sum-squares'`: ½ · Σ ‖row‖², with a loss that is a sum over the batch (LayerGCN): B times the
 *   former, so its weight is on the same scale beside `reduction: 'sum'`
 * - `'mean-norms'`: 1/B · Σ ‖X‖_F over the matrices X of users, positives and negatives, not squared
 *   (RecBole's `EmbLoss` by default): a far weaker scale
 */
export type L2Convention = 'mean-squares' | 'sum-squares' | 'mean-norms'

/**
 * Computes L2 on the rows of a batch, the one regularizer of embeddings. It acts on the batch's rows alone:
 * weight decay of whole tables would drive rarely sampled rows to zero.
 *
 * @param rows - matrices of rows: users, positives, negatives
 * @param samples - B
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const rows = [tf.tensor2d([[1, 2]]), tf.tensor2d([[0, 1]])]
 * console.log(losses.l2(rows, 1, 'mean-squares').dataSync()[0])
 * ```
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

/** Returns the factor of the sum of all squares. */
export function l2Factor(convention: 'mean-squares' | 'sum-squares', samples: number): number {
  return convention === 'mean-squares' ? 0.5 / samples : 0.5
}

/** Computes Σ x². Its gradient is one product; that of the two operators makes a table of ones first. */
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

/** Computes the root, with a gradient of 0 at 0. */
function norm(squared: Scalar): Scalar {
  return tf.sqrt(tf.maximum(squared, 1e-30))
}
