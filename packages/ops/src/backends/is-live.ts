import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Returns false once a tensor was freed, by `dispose`, `tf.disposeVariables()` or `tf.engine().reset()`, which leaves
 * tensors as they are and forgets their values.
 *
 * @example
 * ```ts
 * import { ensureBackend, isLive } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await ensureBackend()
 * const tensor = tf.tensor1d([1, 2])
 * console.log(isLive(tensor)) // true
 * tf.engine().reset()
 * console.log(tensor.isDisposed, isLive(tensor)) // false false
 * ```
 */
export function isLive(tensor: Tensor): boolean {
  return !tensor.isDisposed && tf.engine().state.tensorInfo.has(tensor.dataId)
}
