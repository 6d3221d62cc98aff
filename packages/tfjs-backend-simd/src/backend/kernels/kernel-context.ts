import type { KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core'
import { util } from '@tensorflow/tfjs-core'
import type { SimdBackend } from '../simd-backend.js'

/** The arguments of a kernel of this backend. */
interface KernelContext {
  readonly backend: SimdBackend
  readonly inputs: Readonly<Record<string, TensorInfo>>
  readonly attributes: NamedAttrMap
}

/**
 * A fast path of a TensorFlow.js kernel. It returns undefined for inputs that it does not handle (another
 * type, an unknown broadcast), which then go to the kernel inherited from the CPU backend.
 */
export type FastPath = (context: KernelContext) => TensorInfo | undefined

/** Joins a fast path and the inherited kernel into one kernel. */
export function withFallback(fastPath: FastPath, inherited: KernelFunc): KernelFunc {
  return (parameters) => {
    const { inputs, backend, attrs } = parameters
    const result = fastPath({
      backend: backend as SimdBackend,
      inputs: inputs as Record<string, TensorInfo>,
      attributes: attrs ?? {},
    })
    return result ?? inherited(parameters)
  }
}

export function isFloat(tensor: TensorInfo): boolean {
  return tensor.dtype === 'float32'
}

export function sizeOf(tensor: TensorInfo): number {
  return util.sizeFromShape(tensor.shape)
}

/** Makes a second tensor of the values of `tensor`, with another shape. */
export function shareValues(
  backend: SimdBackend,
  tensor: TensorInfo,
  shape: readonly number[],
): TensorInfo {
  backend.incRef(tensor.dataId)
  return { dataId: tensor.dataId, shape: [...shape], dtype: tensor.dtype }
}
