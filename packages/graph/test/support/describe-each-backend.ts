import { useCpuBackend, useSimdBackend } from '@gnnrec/tfjs-backend-simd'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect } from 'vitest'

export type TestedBackend = 'simd' | 'cpu'

/** Makes a backend the active one, as its users do; `simd` with two threads. */
export function activateBackend(backend: TestedBackend): Promise<void> {
  return backend === 'simd' ? useSimdBackend({ threads: 2 }) : useCpuBackend()
}

/** Defines the same tests for each backend that runs here. */
export function describeEachBackend(name: string, define: (backend: TestedBackend) => void): void {
  describe.each(['simd', 'cpu'] as const)(`${name} (%s)`, (backend) => {
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
