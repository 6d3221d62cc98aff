import { useSimdBackend, useSimdBackendSync } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Starts the default backend, `simd` on all processors, where no TensorFlow.js backend is active.
 *
 * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
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
  if (!tf.getBackend()) await useSimdBackend()
}

/**
 * Does what {@link ensureBackend} does for functions that cannot wait.
 *
 * @throws BackendUnavailableError in a page, where `useBackend` has to be awaited before, or when the
 * platform has no WebAssembly SIMD
 * @example
 * ```ts
 * import { ensureBackendSync } from '@gnnrec/ops'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * ensureBackendSync()
 * console.log(tf.getBackend()) // simd
 * ```
 */
export function ensureBackendSync(): void {
  if (!tf.getBackend()) useSimdBackendSync()
}
