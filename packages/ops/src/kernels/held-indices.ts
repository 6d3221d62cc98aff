import type { Tensor1D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { isLive } from '../backends/is-live.js'

/** An array on a backend that stays until all its holders have released it. */
export interface HeldIndices {
  /** The indices, int32. Do not dispose of the tensor. */
  readonly tensor: Tensor1D
  /** Lets go of the tensor; each holder calls it once. */
  release(): void
}

interface Shared {
  readonly tensor: Tensor1D
  holders: number
}

const arrays = new WeakMap<Int32Array, Map<string, Shared>>()

/** Returns the array as a tensor of the active backend, one for all callers, so that matrices of one pattern share it. */
export function heldIndices(indices: Int32Array): HeldIndices {
  const backend = tf.getBackend()
  const byBackend = arrays.get(indices) ?? new Map<string, Shared>()
  arrays.set(indices, byBackend)
  const known = byBackend.get(backend)
  const shared =
    known && isLive(known.tensor)
      ? known
      : { tensor: tf.keep(tf.tensor1d(indices, 'int32')), holders: 0 }
  byBackend.set(backend, shared)
  shared.holders++
  return {
    tensor: shared.tensor,
    release() {
      shared.holders--
      if (shared.holders > 0) return
      if (byBackend.get(backend) === shared) byBackend.delete(backend)
      shared.tensor.dispose()
    },
  }
}
