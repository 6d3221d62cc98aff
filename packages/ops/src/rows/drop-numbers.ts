import { InvalidOptionsError, type Rng } from '@gnnrec/graph'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import { checkTensor } from '../checks.js'
import type { Drop } from '../kernels/kernel-interface.js'
import { defineOp } from '../kernels/register-op.js'

const run = defineOp<Drop>({
  name: 'GnnDropNumbers',
  forward: (kernels, backend, { x }, drop) => kernels.dropNumbers(backend, x, drop),
  gradient: ([dy], _saved, { rate, rng, block }) => ({
    x: () => dropNumbers(dy as Tensor2D, rate, rng, block),
  }),
})

/**
 * Applies dropout: sets each number to 0 with probability `rate` and divides the others by 1 - rate.
 *
 * Number i becomes 0 when `rng.uniformAt(block, i) < rate`. No mask is kept: the gradient draws the same
 * numbers again. The draws depend neither on the backend nor on threads.
 *
 * @param x - [n, d], float32
 * @param rate - probability of a 0, in [0, 1)
 * @param rng - random stream of the draws; it is not moved
 * @param block - address of the draws in the stream, 0..2^31-1
 * @returns [n, d]
 * @throws ShapeMismatchError when `x` is not a float32 matrix
 * @throws InvalidOptionsError when the rate or the block is out of range
 * @throws BackendUnavailableError when the active backend has no graph kernels
 * @example
 * ```ts
 * import { Rng } from '@gnnrec/graph'
 * import { dropNumbers, useBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useBackend('simd')
 * const x = tf.ones<tf.Rank.R2>([2, 4])
 * console.log(await dropNumbers(x, 0.5, Rng.fromSeed(1), 0).data()) // zeros and twos
 * ```
 */
export function dropNumbers(x: Tensor2D, rate: number, rng: Rng, block: number): Tensor2D {
  checkTensor('dropNumbers', x, 'float32', ['n', 'd'])
  const isBlock = Number.isInteger(block) && block >= 0 && block < 2 ** 31
  if (!(rate >= 0 && rate < 1) || !isBlock) {
    throw new InvalidOptionsError(
      `dropNumbers: got rate ${rate} and block ${block}; expected a rate in [0, 1) and an integer in 0..2^31-1.`,
    )
  }
  return run({ x }, { rng, block, rate })[0] as Tensor2D
}
