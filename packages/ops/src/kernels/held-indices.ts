import type { Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'

/** An array on a backend, until all who hold it have released it. */
export interface HeldIndices {
  /** Int32; not to be disposed of. */
  readonly tensor: Tensor1D
  /** Once for each holder. */
  release(): void
}

interface Shared {
  readonly tensor: Tensor1D
  holders: number
}

const arrays = new WeakMap<Int32Array, Map<string, Shared>>()

/** The array as a tensor of the active backend, one for all who ask: matrices of one pattern share theirs. */
export function heldIndices(indices: Int32Array): HeldIndices {
  const backend = tf.getBackend()
  const byBackend = arrays.get(indices) ?? new Map<string, Shared>()
  arrays.set(indices, byBackend)
  const shared = byBackend.get(backend) ?? {
    tensor: tf.keep(tf.tensor1d(indices, 'int32')),
    holders: 0,
  }
  byBackend.set(backend, shared)
  shared.holders++
  return {
    tensor: shared.tensor,
    release() {
      shared.holders--
      if (shared.holders > 0) return
      byBackend.delete(backend)
      shared.tensor.dispose()
    },
  }
}
