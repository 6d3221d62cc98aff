import { InvalidOptionsError, ShapeMismatchError, sizeLimits } from '@gnnrec/graph'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'

// Kernels on WebAssembly memory check nothing: with a wrong shape or type they would read or write
// another tensor's values. Every operator therefore checks its inputs here.

type Size = number | string

/**
 * Checks the type and the shape of a tensor.
 *
 * @param expected - size of each dimension, or a letter that stands for any size
 * @throws ShapeMismatchError unless `tensor` has this type and shape
 */
export function checkTensor(
  owner: string,
  tensor: TensorInfo,
  dtype: 'float32' | 'int32',
  expected: readonly Size[],
): void {
  const { shape } = tensor
  const fits =
    shape.length === expected.length &&
    expected.every((size, axis) => typeof size === 'string' || size === shape[axis])
  if (fits && tensor.dtype === dtype) return
  throw new ShapeMismatchError(
    `${owner}: got ${describe(tensor)}; expected ${dtype} [${expected.join(', ')}].`,
  )
}

/** @throws ShapeMismatchError unless both are float32 and of one shape */
export function checkAlike(owner: string, a: Tensor, b: Tensor): void {
  checkTensor(owner, a, 'float32', a.shape)
  checkTensor(owner, b, 'float32', a.shape)
}

/** @throws InvalidOptionsError when it is no number of propagation steps, or too large a one */
export function checkLayers(owner: string, layers: number): void {
  if (Number.isInteger(layers) && layers >= 1 && layers <= sizeLimits.layers) return
  throw new InvalidOptionsError(
    `${owner}: got layers ${layers}; expected an integer in 1..${sizeLimits.layers}.`,
  )
}

function describe(tensor: TensorInfo): string {
  return `${tensor.dtype} [${tensor.shape.join(', ')}]`
}
