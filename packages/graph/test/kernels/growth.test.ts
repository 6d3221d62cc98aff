import { describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../../src/errors.js'
import { KernelRuntime } from '../../src/kernels.js'
import { quarters } from '../support/numbers.js'

function place(runtime: KernelRuntime, values: Float32Array): number {
  const pointer = runtime.allocate(values.byteLength)
  runtime.float32(pointer, values.length).set(values)
  return pointer
}

describe.each([{ shared: true }, { shared: false }])('growth of the memory (%j)', ({ shared }) => {
  it('keeps values where they are, and kernels see the new memory', () => {
    const runtime = new KernelRuntime({ shared })
    const x = quarters(1, 1000)
    const first = place(runtime, x)
    const { memoryBytes } = runtime.statistics
    const second = runtime.allocate(8 * memoryBytes)
    expect(runtime.statistics.memoryBytes).toBeGreaterThan(8 * memoryBytes)
    const last = second + 8 * memoryBytes - 4 * x.length
    runtime.run('affine', x.length, 100, first, 2, 1, last)
    expect(runtime.float32(first, x.length)).toEqual(x)
    expect(runtime.float32(last, x.length)).toEqual(x.map((value) => 2 * value + 1))
  })

  it('holds arrays above 2 GiB and at the very end, where addresses do not fit a signed integer', () => {
    // Pages that nobody touches take no memory.
    const runtime = new KernelRuntime({ shared })
    const low = runtime.allocate(2.5 * 2 ** 30)
    const [rows, inner, columns] = [5, 6, 8]
    const a = place(runtime, quarters(1, rows * inner))
    const b = place(runtime, quarters(2, inner * columns))
    expect(a).toBeGreaterThan(2 ** 31)
    const { usedBytes } = runtime.statistics
    const packed = runtime.allocate(2 ** 32 - 2 ** 16 - 2 ** 16 - usedBytes) // to the last byte
    const end = 2 ** 32 - 2 ** 16
    expect(runtime.statistics.memoryBytes).toBe(end)
    const panel = end - inner * 8 * 4
    runtime.run('packPanels', 1, 1, b, inner, columns, 0, panel)
    expect(runtime.float32(panel, inner * columns)).toEqual(runtime.float32(b, inner * columns))
    const out = panel - 4096
    runtime.run('matmulPacked', rows, rows, a, panel, inner, columns, out)
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => {
      const left = runtime.float32(a, rows * inner).subarray(Math.floor(i / columns) * inner)
      const right = runtime.float32(b, inner * columns)
      let sum = 0
      for (let k = 0; k < inner; k++) sum += left[k] * right[k * columns + (i % columns)]
      return sum
    })
    expect(runtime.float32(out, rows * columns)).toEqual(expected)
    const sums = runtime.float32(out, 48).reduce((sum, value) => sum + value, 0)
    runtime.free(low)
    expect(runtime.reduce('blockSum', out, 48)).toBeCloseTo(sums, 6)
    runtime.free(packed)
  })
})

describe('memory that is not shared', () => {
  it('has one thread and says why it has no more', async () => {
    const runtime = new KernelRuntime({ shared: false })
    expect(runtime.shared).toBe(false)
    await runtime.setThreads(1)
    const rejected = runtime.setThreads(2)
    await expect(rejected).rejects.toThrow(BackendUnavailableError)
    await expect(rejected).rejects.toThrow(/threads: 2.*no SharedArrayBuffer.*use threads: 1/)
    expect(runtime.threads).toBe(1)
  })
})
