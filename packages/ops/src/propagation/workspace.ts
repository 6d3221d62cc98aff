import type { Tensor2D } from '@tensorflow/tfjs-core'
import { defineOp } from '../kernels/register-op.js'

const run = defineOp<{ shape: readonly number[] }>({
  name: 'GnnWorkspace',
  forward: (kernels, backend, _inputs, { shape }) => kernels.allocate(backend, shape),
  gradient: () => ({}),
})

/**
 * A matrix that an operator's forward pass fills for its gradient.
 *
 * tfjs keeps inputs of an operator for the gradient, or outputs, but for these it makes zeros as
 * gradients, as large as they are. So what is kept is an input; it depends on nothing, so tfjs asks
 * for no gradient of it.
 */
export function workspace(shape: readonly [number, number]): Tensor2D {
  return run({}, { shape })[0] as Tensor2D
}
