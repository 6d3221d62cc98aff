import * as tf from '@tensorflow/tfjs-core'

/** Tensors alive, and bytes of kernel memory where the backend has one. */
export function memoryInUse(): { tensors: number; kernelBytes: number } {
  const memory = tf.memory() as ReturnType<typeof tf.memory> & { numBytesInKernelMemory?: number }
  return { tensors: memory.numTensors, kernelBytes: memory.numBytesInKernelMemory ?? 0 }
}
