import { BackendUnavailableError, InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { defaultRuntime, showValue } from '@gnnrec/graph/kernels'
import { useCpuBackend, useSimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as z from 'zod/mini'
import { addKernels } from '../kernels/op-kernels.js'
import { type GpuUse, hasNvidiaDevice, useTensorflow } from './tensorflow-runtime.js'

/** The backends on which models can train; `auto` chooses. */
export type BackendName = 'auto' | 'simd' | 'tensorflow' | 'cpu'

/** Options of {@link useBackend}. */
export interface UseBackendOptions {
  /**
   * The number of threads that compute, the calling one included: an integer in 1..64. On `simd` results
   * do not depend on it. On `tensorflow` it can be chosen once in a process. `cpu` has one thread.
   *
   * @defaultValue on `simd` the number of processors, 1 where memory cannot be shared; on `tensorflow`
   * TensorFlow's own choice
   */
  threads?: number
  /**
   * The use of a GPU by `tensorflow` and `auto`: it must, may or must not be used.
   *
   * @defaultValue 'allow'
   */
  gpu?: GpuUse
}

/** The active backend, and the reason for it. */
export interface ActiveBackend {
  /** Name of the backend. */
  readonly name: Exclude<BackendName, 'auto'>
  /** The device that computes. */
  readonly device: 'cpu' | 'cuda'
  /** The number of threads that compute; undefined when TensorFlow decides. */
  readonly threads: number | undefined
  /** The reason for this backend, as one sentence. */
  readonly reason: string
}

const schema = z.strictObject({
  threads: z.optional(z.int().check(z.gte(1), z.lte(64))),
  gpu: z._default(z.enum(['require', 'allow', 'forbid']), 'allow'),
})

type Options = z.output<typeof schema>

/**
 * Registers a backend and makes it TensorFlow.js's active one. Without a call, functions that need a
 * backend start `simd`; see `ensureBackend`.
 *
 * - `simd` (the one to use on a CPU): WebAssembly SIMD kernels on shared memory and worker threads.
 * - `tensorflow`: TensorFlow's own runtime, on an NVIDIA GPU if there is one. It needs the package
 *   `@tensorflow/tfjs-node-gpu` (or `@tensorflow/tfjs-node`, without a GPU).
 * - `cpu`: TensorFlow.js's own plain JavaScript backend; slow, the reference for tests.
 * - `auto`: `tensorflow` where it can compute on a GPU, else `simd`, or `cpu` where WebAssembly is not allowed.
 *
 * Tensors and models that were made on one backend can be used on the next.
 *
 * @returns the active backend and the reason for it
 * @throws BackendUnavailableError when this machine or process cannot provide the backend as asked; it is
 * never replaced by another one
 * @throws InvalidOptionsError when an option is out of range, or the backend has no such option
 * @example
 * ```ts
 * import { useBackend } from '@gnnrec/ops'
 *
 * const { name, threads, reason } = await useBackend('simd', { threads: 2 })
 * console.log(name, threads, reason) // simd 2 It was asked for.
 * ```
 */
export async function useBackend(
  name: BackendName,
  options: UseBackendOptions = {},
): Promise<ActiveBackend> {
  const parsed = parseOptions('useBackend', schema, options)
  if (name === 'auto') return chooseBackend(parsed)
  if (name === 'tensorflow') return tensorflow(parsed, 'It was asked for.')
  if (parsed.gpu === 'require') {
    throw new InvalidOptionsError(
      `Got gpu: 'require' for the backend '${name}', which computes on the CPU; use 'tensorflow'.`,
    )
  }
  if (name === 'simd') return simd(parsed, 'It was asked for.')
  if (name === 'cpu') {
    if (parsed.threads !== undefined && parsed.threads !== 1) {
      throw new InvalidOptionsError(
        `Got threads: ${parsed.threads} for the backend 'cpu', which has one thread; use the backend 'simd'.`,
      )
    }
    return cpu('It was asked for.')
  }
  throw new BackendUnavailableError(
    `Got the backend ${showValue(name)}; this version has 'auto', 'simd', 'tensorflow' and 'cpu'.`,
  )
}

async function chooseBackend(options: Options): Promise<ActiveBackend> {
  if (options.gpu === 'require') return tensorflow(options, 'A GPU was required.')
  if (options.gpu === 'forbid') return simdOrCpu(options, 'GPUs were forbidden.')
  if (!hasNvidiaDevice()) return simdOrCpu(options, 'The machine has no NVIDIA GPU.')
  try {
    return await tensorflow({ ...options, gpu: 'require' }, 'The machine has an NVIDIA GPU.')
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error
    return simdOrCpu(options, `The machine has an NVIDIA GPU, but: ${error.message}`)
  }
}

async function tensorflow({ threads, gpu }: Options, reason: string): Promise<ActiveBackend> {
  const runtime = await useTensorflow({ gpu, threads })
  // Recommenders rank by our kernels, whatever trained them.
  await defaultRuntime().setThreads(threads)
  const device = runtime.usesGpu ? 'cuda' : 'cpu'
  return { name: 'tensorflow', device, threads: runtime.threads, reason }
}

async function simd({ threads }: Options, reason: string): Promise<ActiveBackend> {
  await useSimdBackend(threads === undefined ? {} : { threads })
  return { name: 'simd', device: 'cpu', threads: defaultRuntime().threads, reason }
}

async function cpu(reason: string): Promise<ActiveBackend> {
  const { cpuKernels } = await import('../kernels/cpu-kernels.js')
  addKernels('cpu', cpuKernels)
  await useCpuBackend()
  return { name: 'cpu', device: 'cpu', threads: 1, reason }
}

/** Starts `simd` or, where the platform has no kernels and nobody asked for threads, plain JavaScript. */
async function simdOrCpu(options: Options, reason: string): Promise<ActiveBackend> {
  try {
    return await simd(options, reason)
  } catch (error) {
    if (!(error instanceof BackendUnavailableError) || options.threads !== undefined) throw error
    return cpu(`${reason} ${error.message}`)
  }
}
