import { BackendUnavailableError, InvalidOptionsError } from '@gnnrec/graph'
import * as tf from '@tensorflow/tfjs-core'
import { addKernels } from '../kernels/op-kernels.js'

/** The use of a GPU: it must, may or must not be used. */
export type GpuUse = 'require' | 'allow' | 'forbid'

/** The wanted settings of TensorFlow's runtime. */
export interface RuntimeWish {
  readonly gpu: GpuUse
  readonly threads: number | undefined
}

/** TensorFlow's runtime in this process. */
export interface TensorflowRuntime {
  readonly packageName: string
  readonly usesGpu: boolean
  readonly threads: number | undefined
}

const gpuPackage = '@tensorflow/tfjs-node-gpu'
const cpuPackage = '@tensorflow/tfjs-node'

/** The runtime that was started. A process can start it once, with its threads and devices. */
let started: TensorflowRuntime | undefined

/**
 * Starts TensorFlow's runtime, registers its kernels and makes it the active backend.
 *
 * @throws BackendUnavailableError when it cannot be had as wished; the active backend stays the same
 */
export async function useTensorflow(wish: RuntimeWish): Promise<TensorflowRuntime> {
  const before = tf.getBackend()
  try {
    const runtime = started ?? (await start(wish))
    started = runtime
    checkWish(runtime, wish)
    const { tensorflowKernels } = await import('../kernels/tensorflow/tensorflow-kernels.js')
    addKernels('tensorflow', tensorflowKernels)
    await tf.setBackend('tensorflow')
    return runtime
  } catch (error) {
    // Loading the package makes it the active backend.
    if (before && tf.getBackend() !== before) await tf.setBackend(before)
    throw error
  }
}

async function start({ gpu, threads }: RuntimeWish): Promise<TensorflowRuntime> {
  const environment = globalThis.process?.env
  if (!environment) {
    throw new BackendUnavailableError(
      "The backend 'tensorflow' needs Node.js; use 'simd', which runs in browsers too.",
    )
  }
  // The runtime reads these when it is loaded. What the user has set stays.
  environment['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  // Else matrix products on a GPU keep 10 bits of each number, and models differ from those of a CPU.
  environment['NVIDIA_TF32_OVERRIDE'] ??= '0'
  if (threads !== undefined) environment['TF_NUM_INTRAOP_THREADS'] = String(threads)
  if (gpu === 'forbid') environment['CUDA_VISIBLE_DEVICES'] = '-1'
  restoreRemovedUtilities()
  const packageName = await load(
    gpu === 'require'
      ? [gpuPackage]
      : gpu === 'forbid'
        ? [cpuPackage, gpuPackage]
        : [gpuPackage, cpuPackage],
  )
  const backend = tf.findBackend('tensorflow') as unknown as { isUsingGpuDevice: boolean }
  return { packageName, usesGpu: backend.isUsingGpuDevice, threads }
}

/** Loads the first of some packages that is installed. */
async function load(names: readonly string[]): Promise<string> {
  for (const name of names) {
    const loaded = await importIfThere(name)
    if (!loaded) continue
    if (loaded.Tensor !== tf.Tensor || !tf.findBackend('tensorflow')) {
      throw new BackendUnavailableError(
        `${name} brings a copy of @tensorflow/tfjs-core of its own (version ${loaded.version?.['tfjs-core'] ?? 'unknown'}; ours is ${tf.version_core}), so tensors of one mean nothing to the other. Install version 4.22.0 of both, then check with 'npm ls @tensorflow/tfjs-core' that there is one.`,
      )
    }
    return name
  }
  throw new BackendUnavailableError(
    `The backend 'tensorflow' needs ${names.join(' or ')}, which is not installed: run 'npm i ${names[0]}@4.22.0' (its install script downloads TensorFlow; the README of @gnnrec/ops says what to do where that fails), or use the backend 'simd'.`,
  )
}

interface TensorflowPackage {
  readonly Tensor?: unknown
  readonly version?: Readonly<Record<string, string>>
}

async function importIfThere(name: string): Promise<TensorflowPackage | undefined> {
  try {
    const loaded = (await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ name
    )) as {
      readonly default?: TensorflowPackage
    }
    return loaded.default ?? (loaded as TensorflowPackage)
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (isMissing && message?.includes(`'${name}'`)) return undefined
    throw new BackendUnavailableError(
      `${name} is installed but cannot be loaded: ${message}. Often its native part is missing, since its install script did not run or could not download: run 'npm rebuild ${name} --build-addon-from-source', see the README of @gnnrec/ops, or use the backend 'simd'.`,
      { cause: error },
    )
  }
}

/** Adds two functions that tfjs-node 4.22 calls and Node 23 lacks. */
function restoreRemovedUtilities(): void {
  const util = globalThis.process.getBuiltinModule('node:util') as unknown as Record<
    string,
    unknown
  >
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  util['isArray'] ??= Array.isArray
}

function checkWish(runtime: TensorflowRuntime, { gpu, threads }: RuntimeWish): void {
  const { packageName, usesGpu } = runtime
  if (gpu === 'require' && !usesGpu) {
    throw new BackendUnavailableError(
      packageName === cpuPackage
        ? `TensorFlow's runtime was started from ${cpuPackage}, which has no CUDA; start a new process and ask for the GPU first.`
        : `${packageName} found no GPU that it can use: 'nvidia-smi' should list one, and the versions of CUDA and cuDNN must be those that TensorFlow was built for (its messages above name a library that it misses). Use gpu: 'allow' to compute on the CPU, or the backend 'simd'.`,
    )
  }
  if (gpu === 'forbid' && usesGpu) {
    throw new BackendUnavailableError(
      "TensorFlow's runtime already uses the GPU in this process; start a new one for gpu: 'forbid'.",
    )
  }
  if (threads !== undefined && threads !== runtime.threads) {
    throw new InvalidOptionsError(
      `Got threads: ${threads} for the backend 'tensorflow', whose runtime was started with ${runtime.threads ?? 'its own choice'} in this process and cannot change that.`,
    )
  }
}

/** Returns true when the machine has an NVIDIA device; it loads no library to find out. */
export function hasNvidiaDevice(): boolean {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs')
  if (!fs) return false
  const { platform, env } = globalThis.process
  const places =
    platform === 'win32'
      ? [`${env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\nvcuda.dll`]
      : ['/dev/nvidiactl', '/dev/dxg']
  return places.some((place) => fs.existsSync(place))
}
