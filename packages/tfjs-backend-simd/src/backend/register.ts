import { defaultRuntime } from '@gnnrec/graph/kernels'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { gradients } from '../generated/gradients.js'
import * as elementwise from './kernels/elementwise.js'
import { type FastPath, withFallback } from './kernels/kernel-context.js'
import { batchMatMul } from './kernels/matmul.js'
import * as rows from './kernels/rows.js'
import { createSimdBackend } from './simd-backend.js'

const backendName = 'simd'
// Above TensorFlow.js's own cpu (1) and wasm (2), below backends on a graphics processor.
const priority = 3

const fastPaths: Readonly<Record<string, FastPath>> = {
  [tf.Add]: elementwise.add,
  [tf.AddN]: elementwise.addMany,
  [tf.BatchMatMul]: batchMatMul,
  [tf.Cast]: elementwise.cast,
  [tf.Concat]: rows.concat,
  [tf.Exp]: elementwise.exponential,
  [tf.Fill]: elementwise.fill,
  [tf.GatherV2]: rows.gather,
  [tf.Mean]: rows.mean,
  [tf.Multiply]: elementwise.multiply,
  [tf.Neg]: elementwise.negate,
  [tf.RealDiv]: elementwise.divide,
  [tf.Relu]: elementwise.relu,
  [tf.Sigmoid]: elementwise.sigmoid,
  [tf.Softplus]: elementwise.softplus,
  [tf.Sqrt]: elementwise.squareRoot,
  [tf.Square]: elementwise.square,
  [tf.Step]: elementwise.step,
  [tf.Sub]: elementwise.subtract,
  [tf.Sum]: rows.sum,
  [tf.Transpose]: rows.transpose,
  [tf.UnsortedSegmentSum]: rows.unsortedSegmentSum,
}

/** The package `@tensorflow/tfjs-backend-cpu`, which registers the backend `cpu` when it is loaded. */
export interface CpuPackage {
  readonly MathBackendCPU: typeof MathBackendCPU
}

/** Registers the backend with its kernels and all gradients, once a process. */
export function registerSimdBackend({ MathBackendCPU }: CpuPackage): void {
  if (tf.findBackendFactory(backendName)) return
  registerGradients()
  tf.registerBackend(
    backendName,
    () => createSimdBackend(MathBackendCPU, defaultRuntime()),
    priority,
  )
  const inheritedKernels = tf.getKernelsForBackend('cpu')
  for (const kernel of inheritedKernels) {
    // Kernels that TensorFlow.js does not know were registered for `cpu` by others, who bring their own.
    if (!(kernel.kernelName in tf)) continue
    const fastPath = fastPaths[kernel.kernelName]
    const kernelFunc = fastPath ? withFallback(fastPath, kernel.kernelFunc) : kernel.kernelFunc
    tf.registerKernel({ ...kernel, backendName, kernelFunc })
  }
}

/** Registers those gradients of TensorFlow.js's own operators that are missing. */
export function registerGradients(): void {
  for (const gradient of gradients) {
    if (!tf.getGradient(gradient.kernelName)) tf.registerGradient(gradient)
  }
}

/** Keeps TensorFlow.js's CPU backend from printing that one should install tfjs-node. */
export function quietCpuBackend(): void {
  const backend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null
  if (backend) backend.firstUse = false
}
