import { BackendUnavailableError } from '@gnnrec/graph'
import { defaultRuntime, MAXIMUM_THREADS } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'

/** The machine's processors, as far as the platform tells. */
function processorCount(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os')
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/**
 * Registers the backend `simd`, makes it TensorFlow.js's active one and starts its threads.
 *
 * @param threads - threads that compute, the calling one included: an integer in 1..64; by default
 * the machine's processors (at most 64), and 1 where memory cannot be shared. Results do not depend
 * on it.
 * @throws GnnRecError with code `INVALID_OPTIONS` when `threads` is out of range
 * @throws BackendUnavailableError when the platform has no WebAssembly SIMD, or more than one thread
 * is asked for where memory cannot be shared
 */
export async function useSimdBackend({ threads }: { threads?: number } = {}): Promise<void> {
  await startThreads(threads)
  const { registerSimdBackend } = await import('./backend/register.js')
  registerSimdBackend()
  await activate('simd')
}

/**
 * Starts the kernels' threads, which rank items on every backend: by default the machine's processors.
 *
 * @throws GnnRecError with code `INVALID_OPTIONS` when `threads` is out of range
 * @throws BackendUnavailableError when more than one is asked for where memory cannot be shared
 */
export async function startThreads(threads?: number): Promise<void> {
  const runtime = defaultRuntime()
  const available = runtime.shared ? Math.min(processorCount(), MAXIMUM_THREADS) : 1
  await runtime.setThreads(threads ?? available)
}

/** Registers tfjs's own CPU backend with gradients and makes it the active one. */
export async function useCpuBackend(): Promise<void> {
  const { quietCpuBackend } = await import('./backend/register.js')
  await activate('cpu')
  quietCpuBackend()
}

async function activate(name: string): Promise<void> {
  // tfjs answers false, with a warning on the console, where a backend cannot start.
  if (await tf.setBackend(name)) return
  throw new BackendUnavailableError(
    `TensorFlow.js could not start the backend '${name}'; its reason is on the console.`,
  )
}
