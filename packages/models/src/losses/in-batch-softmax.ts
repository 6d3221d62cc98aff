import { crossEntropy } from '@gnnrec/ops'
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Softmax cross-entropy of each sample's positive among the positives of the whole batch:
 *
 *     mean_b -ln( exp(l_bb) / Σ_j exp(l_bj) ),   l_bj = s_bj - ln q_j
 *
 * over all j but those that hold the same item as b again, which would be negatives and positive at
 * once. q_j is the chance that a draw has item j (log-Q correction: Bengio & Senécal, IEEE Trans.
 * Neural Networks 2008; Yi et al., RecSys 2019, https://dl.acm.org/doi/10.1145/3298689.3346996); with
 * it the expected gradient is close to that of the softmax over all items, without it frequent items
 * are pushed down as often as they are drawn. A batch of one sample has the loss 0.
 *
 * @param scores - [B, B], s_bj of the user of sample b and the positive of sample j
 * @param items - the B positives
 * @param logChances - ln q_j of each positive, up to a constant. Default: no correction.
 *
 * @example
 * ```ts
 * import { losses } from '@gnnrec/models'
 * import { useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('cpu')
 * const scores = tf.tensor2d([
 *   [2, 0],
 *   [1, 3],
 * ])
 * console.log(losses.inBatchSoftmax(scores, Int32Array.of(4, 7)).dataSync()[0])
 * ```
 */
export function inBatchSoftmaxLoss(
  scores: Tensor2D,
  items: Int32Array,
  logChances?: Float32Array,
): Scalar {
  return tf.mean(
    crossEntropy(
      scores,
      items,
      logChances?.map((value) => -value),
    ),
  )
}
