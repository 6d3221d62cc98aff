import { useSimdBackendSync } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Does what `ensureBackend` does for functions that cannot wait.
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
