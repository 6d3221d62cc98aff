import type { Tensor2D } from '@tensorflow/tfjs-core'
import { defineOp } from '../kernels/register-op.js'

const run = defineOp<{ shape: readonly number[] }>({
  name: 'GnnWorkspace',
  forward: (kernels, backend, _inputs, { shape }) => kernels.allocate(backend, shape),
  gradient: () => ({}),
})

/**
 * Makes a matrix that an operator's forward pass fills for its gradient.
 *
 * TensorFlow.js keeps inputs or outputs of an operator for the gradient, but for outputs it makes zeros
 * of the same size as gradients. The matrix is therefore an input. It depends on nothing, so
 * TensorFlow.js asks for no gradient of it.
 */
export function workspace(shape: readonly [number, number]): Tensor2D {
  return run({}, { shape })[0] as Tensor2D
}
