import { BackendUnavailableError } from '@gnnrec/graph'
import { sharedByCopies } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import packageJson from '../../package.json' with { type: 'json' }
import { ensureBackendSync } from '../backends/ensure-backend-sync.js'
import type { OpKernels } from './kernel-interface.js'
import { simdKernels } from './simd-kernels.js'

/** Returns the kernels by backend, which all copies of the package share, as they share the backends. */
function kernelsByBackend(): Record<string, OpKernels> {
  return sharedByCopies(
    { package: '@gnnrec/ops', value: 'kernels-by-backend' },
    packageJson.version,
    () => ({ simd: simdKernels }),
  )
}

/** Adds the kernels of a backend, which are loaded together with it. */
export function addKernels(backend: string, kernels: OpKernels): void {
  kernelsByBackend()[backend] ??= kernels
}

/** Returns the kernels of TensorFlow.js's active backend; starts `simd` where none is active. */
export function activeKernels(): OpKernels {
  ensureBackendSync()
  const name = tf.getBackend()
  const kernels = kernelsByBackend()[name]
  if (kernels) return kernels
  const remedy = name === 'tensorflow' || name === 'cpu' ? name : 'simd'
  throw new BackendUnavailableError(
    `The active TensorFlow.js backend is '${name}', which has no graph kernels; call useBackend('${remedy}') from '@gnnrec/ops' first.`,
  )
}
