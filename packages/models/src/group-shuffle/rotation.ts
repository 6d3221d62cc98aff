import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { type RotationForm, rotationMatrix } from './rotation-matrix.js'

/**
 * {@link rotationMatrix} as one differentiable operation: worked out in float64 and rounded once. It
 * reads the blocks synchronously, as the graph kernels read their inputs.
 *
 * @param blocks - left and right, or one: each [d/b, b, b]
 * @returns [d, d]
 */
export function rotation(blocks: readonly Tensor[], form: RotationForm): Tensor2D {
  const size = form.permutation.length
  const read = (tensor: Tensor) => Float64Array.from(tensor.dataSync())
  const write = (values: Float64Array, shape: readonly number[]) =>
    tf.tensor(Float32Array.from(values), [...shape], 'float32')
  const compute = tf.customGrad(() => {
    const { values, pullback } = rotationMatrix(blocks.map(read), form)
    return {
      value: write(values, [size, size]),
      gradFunc: (gradient: Tensor) =>
        pullback(read(gradient)).map((own, place) => write(own, blocks[place].shape)),
    }
  })
  return compute(...blocks) as Tensor2D
}
