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

/** @throws InvalidOptionsError when an index of a row is not in 0..count-1 */
export function checkIndices(indices: Int32Array, count: number): void {
  for (let at = 0; at < indices.length; at++) {
    if (indices[at] >= 0 && indices[at] < count) continue
    throw new InvalidOptionsError(
      `Got the row index ${indices[at]} at place ${at}; expected one of 0..${count - 1}.`,
    )
  }
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
