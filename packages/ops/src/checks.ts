import { ShapeMismatchError } from '@gnnrec/graph'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'

// Kernels on WebAssembly memory believe what they are told: a wrong shape or type would read or
// write another tensor's values. So every operator checks its inputs here.

type Size = number | string

/**
 * @param expected - size of each dimension, or the letter that stands for any size
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

function describe(tensor: TensorInfo): string {
  return `${tensor.dtype} [${tensor.shape.join(', ')}]`
}
