import * as tf from '@tensorflow/tfjs-core'

/** The backend that hands out a new array at each read; others hand out the values themselves, and keep those they are given. */
const copyingBackend = 'simd'

/** Returns values that were read of a tensor as an array of the caller's own, copied only where they are none. */
export function ownValues(values: Float32Array): Float32Array {
  return tf.getBackend() === copyingBackend ? values : values.slice()
}
