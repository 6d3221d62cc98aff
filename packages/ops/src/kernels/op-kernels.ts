import { BackendUnavailableError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import type { OpKernels } from './kernel-interface.js'
import { simdKernels } from './simd-kernels.js'

const kernelsByBackend: Record<string, OpKernels> = { simd: simdKernels }

/** Makes kernels known that are loaded along with their backend. */
export function addKernels(backend: string, kernels: OpKernels): void {
  kernelsByBackend[backend] = kernels
}

/** The kernels of TensorFlow.js's active backend. */
export function activeKernels(): OpKernels {
  const name = tf.getBackend()
  const kernels = kernelsByBackend[name]
  if (kernels) return kernels
  const remedy = name === 'tensorflow' || name === 'cpu' ? name : 'simd'
  throw new BackendUnavailableError(
    `The active TensorFlow.js backend is ${name ? `'${name}'` : 'not set'}, which has no graph kernels; call useBackend('${remedy}') from '@gnnrec/ops' first.`,
  )
}
