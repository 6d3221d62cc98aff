import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import '../generated/gradients.js'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import * as elementwise from './kernels/elementwise.js'
import { type FastPath, withFallback } from './kernels/kernel-context.js'
import { batchMatMul } from './kernels/matmul.js'
import * as rows from './kernels/rows.js'
import { SimdBackend } from './simd-backend.js'

const BACKEND_NAME = 'simd'
// Above tfjs's own cpu (1) and wasm (2), below what runs on a graphics processor.
const PRIORITY = 3

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

/** Registers the backend and its kernels, once a process. */
export function registerSimdBackend(): void {
  if (tf.findBackendFactory(BACKEND_NAME)) return
  tf.registerBackend(BACKEND_NAME, () => new SimdBackend(defaultRuntime()), PRIORITY)
  const inheritedKernels = tf.getKernelsForBackend('cpu')
  for (const kernel of inheritedKernels) {
    // Kernels that tfjs does not know were registered for `cpu` by others, who bring their own here.
    if (!(kernel.kernelName in tf)) continue
    const fastPath = fastPaths[kernel.kernelName]
    const kernelFunc = fastPath ? withFallback(fastPath, kernel.kernelFunc) : kernel.kernelFunc
    tf.registerKernel({ ...kernel, backendName: BACKEND_NAME, kernelFunc })
  }
}

/** Keeps tfjs's CPU backend from advising to install tfjs-node. */
export function quietCpuBackend(): void {
  const backend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null
  if (backend) backend.firstUse = false
}
