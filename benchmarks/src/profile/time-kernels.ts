import { defaultRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import type { CallTree } from './call-tree.js'

/**
 * Starts to time every kernel of TensorFlow.js's active backend and the WebAssembly kernels that
 * they call. The returned function stops it. Kernels that are registered in between are not timed.
 */
export function timeKernels(tree: CallTree): () => void {
  const backendName = tf.getBackend()
  const kernels = tf.getKernelsForBackend(backendName)
  for (const kernel of kernels) {
    replaceKernel(backendName, {
      ...kernel,
      kernelFunc: (given) => {
        tree.enter(kernel.kernelName, 'tfjs')
        try {
          return kernel.kernelFunc(given)
        } finally {
          tree.leave()
        }
      },
    })
  }
  const runtime = defaultRuntime()
  const run = runtime.run.bind(runtime)
  runtime.run = (name, count, grain, ...given) => {
    tree.enter(name, 'kernel', Math.max(1, Math.min(runtime.threads, Math.ceil(count / grain))))
    try {
      run(name, count, grain, ...given)
    } finally {
      tree.leave()
    }
  }
  return () => {
    Reflect.deleteProperty(runtime, 'run')
    for (const kernel of kernels) replaceKernel(backendName, kernel)
  }
}

function replaceKernel(backendName: string, kernel: tf.KernelConfig): void {
  tf.unregisterKernel(kernel.kernelName, backendName)
  tf.registerKernel(kernel)
}
