import { useCpuBackend, useSimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as z from 'zod'
import { BackendUnavailableError, InvalidOptionsError } from '../errors.js'
import { parseOptions } from '../options.js'

/** The backends on which models can train. */
export type BackendName = 'simd' | 'cpu'

/** Options of {@link useBackend}. */
export interface UseBackendOptions {
  /**
   * Threads that compute, the calling one included: an integer in 1..64. Results do not depend on
   * it. Only for `simd`.
   *
   * @defaultValue the machine's processors; 1 where memory cannot be shared
   */
  threads?: number
}

const schema = z.strictObject({ threads: z.int().min(1).max(64).optional() })

/**
 * Registers a backend and makes it TensorFlow.js's active one.
 *
 * - `simd` (the one to use): WebAssembly SIMD kernels on shared memory and worker threads.
 * - `cpu`: tfjs's own plain JavaScript backend; slow, the reference for tests.
 *
 * @throws BackendUnavailableError when the backend cannot be had here; never another one instead
 * @throws InvalidOptionsError when `threads` is out of range, or more than 1 for `cpu`
 */
export async function useBackend(
  name: BackendName,
  options: UseBackendOptions = {},
): Promise<void> {
  const { threads } = parseOptions('useBackend', schema, options)
  if (name === 'simd') return useSimdBackend(threads === undefined ? {} : { threads })
  if (name === 'cpu') {
    if (threads !== undefined && threads !== 1) {
      throw new InvalidOptionsError(
        `Got threads: ${threads} for the backend 'cpu', which has one thread; use the backend 'simd'.`,
      )
    }
    return useCpuBackend()
  }
  throw new BackendUnavailableError(
    `Got the backend ${JSON.stringify(name)}; this version has 'simd' and 'cpu'.`,
  )
}
