import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect } from 'vitest'
import { useBackend } from '../../src/index.js'

export type TestedBackend = 'simd' | 'cpu' | 'tensorflow'

/** True to run the tests of every backend on TensorFlow's runtime, too, which is not installed everywhere. */
const testsTensorflow = process.env['GNNREC_TEST_BACKEND'] === 'tensorflow'

/** The backends that are tested. */
const testedBackends: readonly TestedBackend[] = testsTensorflow ? ['tensorflow'] : ['simd', 'cpu']

/** Makes a backend the active one, as its users do; `simd` with two threads. */
export async function activateBackend(backend: TestedBackend): Promise<void> {
  await useBackend(backend, backend === 'simd' ? { threads: 2 } : {})
}

/** Defines the same tests for each backend that is tested. */
export function describeEachBackend(name: string, define: (backend: TestedBackend) => void): void {
  describe.each(testedBackends)(`${name} (%s)`, (backend) => {
    beforeAll(() => activateBackend(backend))
    define(backend)
  })
}

/** Tensors alive, and bytes of kernel memory in use (0 on `cpu`). */
export function memoryInUse(): { tensors: number; kernelBytes: number } {
  const memory = tf.memory() as tf.MemoryInfo & { numBytesInKernelMemory?: number }
  return { tensors: memory.numTensors, kernelBytes: memory.numBytesInKernelMemory ?? 0 }
}

/** Runs `step` a few times and checks that from the first to the last nothing was left behind. */
export function expectNoLeak(step: () => void): void {
  step()
  const before = memoryInUse()
  for (let i = 0; i < 5; i++) step()
  expect(memoryInUse()).toEqual(before)
}
