import type { Rng } from '@gnnrec/graph'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Sets each number to 0 with probability `rate` and divides the others by 1 - rate.
 *
 * @param block - address of the draws in the stream, beside the number's place
 */
export function dropNumbers(x: Tensor2D, rate: number, rng: Rng, block: number): Tensor2D {
  const factors = new Float32Array(x.size)
  const kept = 1 / (1 - rate)
  for (let place = 0; place < factors.length; place++) {
    if (rng.uniformAt(block, place) >= rate) factors[place] = kept
  }
  return tf.mul(x, tf.tensor2d(factors, x.shape, 'float32'))
}
