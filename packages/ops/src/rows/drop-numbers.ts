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
 * Dropout: sets each number to 0 with probability `rate` and divides the others by 1 - rate.
 *
 * Number i goes if `rng.uniformAt(block, i) < rate`. No mask is kept: the gradient draws the same again.
 * Which numbers go does not depend on backend or threads.
 *
 * @param x - [n, d], float32
 * @param rate - in [0, 1)
 * @param block - address of the draws in the stream, 0..2^31-1
 * @throws ShapeMismatchError when `x` is no float32 matrix
 * @throws InvalidOptionsError when the rate or the block is out of range
 * @throws BackendUnavailableError when the active backend has no graph kernels
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
