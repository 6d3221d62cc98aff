import * as tf from '@tensorflow/tfjs-core'

/** Backends that hand out a new array at each read; others hand out the values themselves, and keep those they are given. */
const copyingBackends: readonly string[] = ['simd', 'tensorflow']

/** Returns values that were read of a tensor as an array of the caller's own, copied only where they are none. */
export function ownValues(values: Float32Array): Float32Array {
  return copyingBackends.includes(tf.getBackend()) ? values : values.slice()
}
