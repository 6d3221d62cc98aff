import { BackendUnavailableError } from '@gnnrec/graph'
import { warn } from '@gnnrec/graph/kernels'
import { useSimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from './use-backend.js'

/**
 * Starts the default backend, `simd` on all processors, where no TensorFlow.js backend is active. Where the
 * platform allows no WebAssembly, it starts `cpu` and warns.
 *
 * @throws BackendUnavailableError when TensorFlow.js can start neither
 * @example
 * ```ts
 * import { ensureBackend } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await ensureBackend()
 * console.log(tf.getBackend()) // simd
 * ```
 */
export async function ensureBackend(): Promise<void> {
  if (tf.getBackend()) return
  try {
    await useSimdBackend()
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error
    warn(`Models compute in plain JavaScript, which is slow. ${error.message}`)
    await useBackend('cpu')
  }
}
