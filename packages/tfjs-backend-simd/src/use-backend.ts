import { BackendUnavailableError } from '@gnnrec/graph'
import { defaultRuntime, warn } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import {
  type CpuPackage,
  quietCpuBackend,
  registerGradients,
  registerSimdBackend,
} from './backend/register.js'

const cpuPackageName = '@tensorflow/tfjs-backend-cpu'

/**
 * Registers the backend `simd`, makes it TensorFlow.js's active one and starts its threads.
 *
 * `useBackend` of `@gnnrec/ops` does the same and more; call this one to use the backend without the
 * other packages.
 *
 * @param options - `threads`: how many threads compute, the calling one included, an integer in 1..64.
 * By default as many as the machine has processors, and 1 where memory cannot be shared or, with a warning,
 * threads do not start. Results do not depend on it.
 * @throws GnnRecError with the code `INVALID_OPTIONS` when `threads` is out of range
 * @throws BackendUnavailableError when the platform has no WebAssembly SIMD, or more than one thread
 * is asked for where memory cannot be shared
 * @example
 * ```ts
 * import { useSimdBackend } from '@gnnrec/tfjs-backend-simd'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useSimdBackend({ threads: 2 })
 * const sum = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])))
 * console.log(tf.getBackend(), sum.dataSync()[0]) // simd 6
 * ```
 */
export async function useSimdBackend({ threads }: { threads?: number } = {}): Promise<void> {
  await defaultRuntime().setThreads(threads)
  registerSimdBackend(await import('./cpu-package.js'))
  await activate('simd')
}

/**
 * Makes `simd` the active backend without waiting, for code that cannot. Its threads start meanwhile;
 * until they run, the calling one computes alone, to the same results. Needs Node.js.
 *
 * @throws BackendUnavailableError in a page, or when the platform has no WebAssembly SIMD
 * @example
 * ```ts
 * import { useSimdBackendSync } from '@gnnrec/tfjs-backend-simd'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * useSimdBackendSync()
 * console.log(tf.getBackend()) // simd
 * ```
 */
export function useSimdBackendSync(): void {
  const runtime = defaultRuntime()
  registerSimdBackend(requireCpuPackage())
  // The promise is for backends that take time to start. This one is active when the call returns.
  void tf.setBackend('simd')
  if (!tf.findBackend('simd')) throw notStarted('simd')
  runtime.setThreads().catch(({ message }: Error) => {
    warn(`The kernels compute on one thread: ${message}`)
  })
}

/**
 * Makes TensorFlow.js's own CPU backend the active one, with all gradients. It is slow: a reference to
 * compare with.
 *
 * @throws BackendUnavailableError when TensorFlow.js cannot start it
 * @example
 * ```ts
 * import { useCpuBackend } from '@gnnrec/tfjs-backend-simd'
 * import * as tf from '@tensorflow/tfjs-core'
 *
 * await useCpuBackend()
 * console.log(tf.getBackend()) // cpu
 * ```
 */
export async function useCpuBackend(): Promise<void> {
  await import('./cpu-package.js')
  registerGradients()
  await activate('cpu')
  quietCpuBackend()
}

async function activate(name: string): Promise<void> {
  // TensorFlow.js returns false, with a warning on the console, where a backend cannot start.
  if (!(await tf.setBackend(name))) throw notStarted(name)
}

function notStarted(name: string): BackendUnavailableError {
  return new BackendUnavailableError(
    `TensorFlow.js could not start the backend '${name}'. Its reason is on the console.`,
  )
}

/** Loads the package of TensorFlow.js's CPU backend without waiting. */
function requireCpuPackage(): CpuPackage {
  const load = globalThis.process?.getBuiltinModule
  if (!load) {
    throw new BackendUnavailableError(
      "No TensorFlow.js backend is active, and a page cannot start one without waiting. Call await useBackend('simd') of '@gnnrec/ops' first.",
    )
  }
  const { createRequire } = load('node:module')
  // Bundlers that write CommonJS leave this module without an address; the program's own may do.
  const ownAddress: string | undefined = import.meta.url
  const start = ownAddress ?? load('node:path').resolve(globalThis.process.argv[1] ?? 'program.js')
  try {
    return createRequire(start)(cpuPackageName)
  } catch (cause) {
    throw new BackendUnavailableError(
      `No TensorFlow.js backend is active, and ${cpuPackageName} cannot be loaded without waiting: ${(cause as Error).message}. Call await useBackend('simd') of '@gnnrec/ops' first.`,
      { cause },
    )
  }
}
