import { rowDot, scaleRows } from '@gnnrec/ops'
import type { GradSaveFunc, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** A shorter row has no direction to speak of. */
const leastNorm = 1e-12

/**
 * Rows of length 1 (Euclidean), [n, d]. A row no longer than 1e-12 becomes zero and gets no gradient,
 * where torch's `normalize` would divide the gradient by that floor.
 */
export function unitRows(rows: Tensor2D): Tensor2D {
  return tf.customGrad<Tensor2D>((...inputs) => {
    const [x, save] = inputs as [Tensor2D, GradSaveFunc]
    const norms = tf.sqrt(rowDot(x, x))
    const scales: Tensor1D = tf.where(
      tf.lessEqual(norms, leastNorm),
      tf.zerosLike(norms),
      tf.div(1, norms),
    )
    const unit = scaleRows(scales, x)
    save([unit, scales])
    return {
      value: unit,
      gradFunc(dy, saved) {
        const [u, scale] = saved as [Tensor2D, Tensor1D]
        return scaleRows(scale, tf.sub(dy, scaleRows(rowDot(dy, u), u)))
      },
    }
  })(rows)
}
