import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Runs a program in a process where no backend was started. */
function runFresh(program: string): string {
  const flags = ['--import', 'tsx', '--conditions=@gnnrec/source', '--input-type=module']
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--eval', program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: 600_000,
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.trim()
}

const matrix = `
  const matrix = SparseMatrix.fromCoordinates({
    rows: 2, columns: 2, rowIndices: [0, 1], columnIndices: [1, 0], values: [2, 3],
  })`

describe.concurrent('in a process where no backend is active', () => {
  it('imports start nothing', () => {
    const printed = runFresh(`
      import '@gnnrec/ops'
      import * as tf from '@tensorflow/tfjs-core'
      console.log(JSON.stringify([tf.getBackend(), tf.engine().backendNames()]))`)
    expect(printed).toBe('[null,[]]')
  })

  it('an operator starts simd, with gradients, and gives the results of an awaited start', () => {
    const program = (start: string) => `
      import { SparseMatrix } from '@gnnrec/graph'
      import { globalNorm, spmm, useBackend } from '@gnnrec/ops'
      import * as tf from '@tensorflow/tfjs-core'
      ${matrix}
      ${start}
      globalNorm([])
      const x = spmm(matrix, tf.tensor2d([1, 2], [2, 1]))
      const gradient = tf.grad((y) => tf.sum(tf.square(spmm(matrix, y))))(x)
      console.log(tf.getBackend(), x.dataSync().join(), gradient.dataSync().join())`
    const printed = runFresh(program(''))
    expect(printed).toMatch(/^simd 4,3 /)
    expect(printed).toBe(runFresh(program("await useBackend('simd')")))
  })

  it('threads start once there is time, and useBackend can choose others', () => {
    const printed = runFresh(`
      import { availableParallelism } from 'node:os'
      import { setTimeout } from 'node:timers/promises'
      import { defaultRuntime } from '@gnnrec/graph/kernels'
      import { ensureBackendSync, useBackend } from '@gnnrec/ops'
      ensureBackendSync()
      const first = defaultRuntime().threads
      const all = Math.min(availableParallelism(), 64)
      while (defaultRuntime().threads !== all) await setTimeout(10)
      await useBackend('simd', { threads: 3 })
      console.log(first, defaultRuntime().threads)`)
    expect(printed).toBe('1 3')
  })

  it('ensureBackend leaves a backend that is active', () => {
    const printed = runFresh(`
      import { ensureBackend, ensureBackendSync, useBackend } from '@gnnrec/ops'
      import * as tf from '@tensorflow/tfjs-core'
      await useBackend('cpu')
      await ensureBackend()
      ensureBackendSync()
      console.log(tf.getBackend())`)
    expect(printed).toBe('cpu')
  })

  it('where WebAssembly is not allowed, plain JavaScript computes, after a warning', () => {
    const printed = runFresh(`
      import { SparseMatrix } from '@gnnrec/graph'
      import { ensureBackend, spmm, useBackend } from '@gnnrec/ops'
      import * as tf from '@tensorflow/tfjs-core'
      ${matrix}
      globalThis.WebAssembly = undefined
      process.emitWarning = (message) => console.log(message.split('.')[0])
      await ensureBackend()
      console.log(tf.getBackend(), spmm(matrix, tf.tensor2d([1, 2], [2, 1])).dataSync().join())
      const { name, reason } = await useBackend('auto', { gpu: 'forbid' })
      console.log(name, reason.includes('WebAssembly'))
      await useBackend('simd').catch(({ code }) => console.log(code))
      await useBackend('auto', { gpu: 'forbid', threads: 2 }).catch(({ code }) => console.log(code))`)
    expect(printed.split('\n')).toEqual([
      'Models compute in plain JavaScript, which is slow',
      'cpu 4,3',
      'cpu true',
      'BACKEND_UNAVAILABLE',
      'BACKEND_UNAVAILABLE',
    ])
  })

  it('a page is told to await useBackend', () => {
    const printed = runFresh(`
      import { globalNorm } from '@gnnrec/ops'
      const { getBuiltinModule } = process
      process.getBuiltinModule = undefined
      try { globalNorm([]) } catch (error) { console.log(error.code, error.message) }
      process.getBuiltinModule = getBuiltinModule`)
    expect(printed).toMatch(/^BACKEND_UNAVAILABLE .*await useBackend\('simd'\)/)
  })
})
