import { gatherRows } from '@gnnrec/graph/ops'
import type { GradSaveFunc, Scalar, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** Taken from the scores that do not count, so that their exponentials are 0. */
const MASKED = -1e30

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
 */
export function inBatchSoftmaxLoss(
  scores: Tensor2D,
  items: Int32Array,
  logChances?: Float32Array,
): Scalar {
  const logits = tf.add<Tensor2D>(scores, offsets(items, logChances))
  const diagonal = Int32Array.from(items, (_, sample) => sample * (items.length + 1))
  const own = gatherRows(tf.reshape(logits, [-1, 1]), tf.tensor1d(diagonal, 'int32'))
  return tf.mean(tf.sub(logSumExp(logits), own))
}

/** What is added to the scores: -ln q_j, or {@link MASKED} where j is the item of b again. */
function offsets(items: Int32Array, logChances: Float32Array | undefined): Tensor2D {
  const size = items.length
  const values = new Float32Array(size * size)
  if (logChances) {
    const row = logChances.map((value) => -value)
    for (let sample = 0; sample < size; sample++) values.set(row, sample * size)
  }
  const samplesOf = new Map<number, number[]>()
  for (const [sample, item] of items.entries()) {
    const earlier = samplesOf.get(item)
    if (!earlier) {
      samplesOf.set(item, [sample])
      continue
    }
    for (const other of earlier) {
      values[sample * size + other] = MASKED
      values[other * size + sample] = MASKED
    }
    earlier.push(sample)
  }
  return tf.tensor2d(values, [size, size])
}

/** ln Σ_j exp(x[r, j]) of each row, [n, m] → [n, 1]; its gradient is the softmax. */
function logSumExp(rows: Tensor2D): Tensor2D {
  return tf.customGrad<Tensor2D>((...inputs) => {
    const [x, save] = inputs as [Tensor2D, GradSaveFunc]
    const most = tf.max<Tensor2D>(x, 1, true)
    // A product, because subtracting a column goes through every index of the matrix in tfjs.
    const shift = tf.matMul(tf.neg(most), tf.ones<tf.Rank.R2>([1, x.shape[1]]))
    const exponentials = tf.exp(tf.add(x, shift))
    const sums = tf.sum<Tensor2D>(exponentials, 1, true)
    save([exponentials, sums])
    return {
      value: tf.add(most, tf.log(sums)),
      gradFunc: (dy, [e, s]) => tf.mul(e as Tensor2D, tf.div(dy, s as Tensor2D)),
    }
  })(rows)
}
