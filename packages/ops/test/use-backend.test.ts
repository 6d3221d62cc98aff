import { BackendUnavailableError, InvalidOptionsError } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type BackendName, globalNorm, graphFilter, spmm, useBackend } from '../src/index.js'
import { randomSparse } from './support.js'

describe('useBackend', () => {
  it('makes a backend the active one, with the threads asked for', async () => {
    await useBackend('simd', { threads: 3 })
    expect(tf.getBackend()).toBe('simd')
    expect(defaultRuntime().threads).toBe(3)
    await useBackend('cpu')
    expect(tf.getBackend()).toBe('cpu')
    await useBackend('cpu', { threads: 1 })
    await useBackend('simd', { threads: 1 })
    expect(tf.getBackend()).toBe('simd')
    expect(defaultRuntime().threads).toBe(1)
  })

  it('starts a thread for each processor by default', async () => {
    await useBackend('simd')
    expect(defaultRuntime().threads).toBeGreaterThanOrEqual(1)
    expect(defaultRuntime().threads).toBeLessThanOrEqual(64)
    await useBackend('simd', { threads: 1 })
  })

  it('can be called twice at once', async () => {
    await Promise.all([useBackend('simd', { threads: 3 }), useBackend('simd', { threads: 2 })])
    expect(defaultRuntime().threads).toBe(2)
    await useBackend('simd', { threads: 1 })
  })

  it.each([0, -1, 65, 1.5, NaN, '2'])(
    'refuses %j threads and leaves all as it was',
    async (threads) => {
      await useBackend('simd', { threads: 2 })
      const wrong = useBackend('simd', { threads: threads as number })
      await expect(wrong).rejects.toThrow(InvalidOptionsError)
      await expect(wrong).rejects.toThrow(/useBackend.*\n.*threads/)
      expect([tf.getBackend(), defaultRuntime().threads]).toEqual(['simd', 2])
    },
  )

  it('refuses a misspelt option with the right name, and threads for cpu', async () => {
    await expect(useBackend('simd', { thread: 2 } as object)).rejects.toThrow(
      /did you mean 'threads'/,
    )
    await expect(useBackend('cpu', { threads: 2 })).rejects.toThrow(InvalidOptionsError)
    await expect(useBackend('cpu', { threads: 2 })).rejects.toThrow(/has one thread/)
  })

  it.each(['wasm', ''])('says which backends there are instead of %j', async (name) => {
    await useBackend('simd', { threads: 1 })
    const wrong = useBackend(name as BackendName)
    await expect(wrong).rejects.toThrow(BackendUnavailableError)
    await expect(wrong).rejects.toThrow(
      `"${name}"; this version has 'auto', 'simd', 'tensorflow' and 'cpu'`,
    )
    expect(tf.getBackend()).toBe('simd')
  })
})

describe('without a backend that has the kernels', () => {
  beforeAll(async () => {
    await useBackend('cpu')
    const inherited = tf.findBackend('cpu')
    tf.registerBackend('foreign', () => inherited)
    await tf.setBackend('foreign')
    return async () => {
      await useBackend('cpu')
    }
  })

  it('operators say which backend is active and what to call, and leave nothing behind', () => {
    const { matrix } = randomSparse('matrix', 4, 3)
    const x = tf.tensor2d([1, 2, 3], [3, 1])
    const users = tf.tensor2d([1, 2, 3, 4], [4, 1])
    const { numTensors } = tf.memory()
    const operator = { toUsers: matrix, toItems: matrix.transpose() }
    for (const call of [
      () => spmm(matrix, x),
      () => graphFilter(operator, { users, items: x }, [1, 1]),
      () => globalNorm([x]),
    ]) {
      expect(call).toThrow(BackendUnavailableError)
      expect(call).toThrow(/active TensorFlow.js backend is 'foreign'.*useBackend\('simd'\)/)
    }
    expect(tf.memory().numTensors).toBe(numTensors)
    tf.dispose([x, users])
  })
})
