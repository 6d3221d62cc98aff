import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KernelRuntime } from '../../src/kernels.js'
import { callKernel } from '../support/call-kernel.js'
import { integers, reals } from '../support/numbers.js'
import { seeds } from '../support/ranges.js'

const blockLength = 4096

describe('blockSum and blockSquaredSum', () => {
  it.each([
    ['blockSum', (x: number) => x],
    ['blockSquaredSum', (x: number) => x * x],
  ] as const)('%s sums each block in float64 and keeps to its blocks', (name, term) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 * blockLength + 7 }), seeds, (length, seed) => {
        const x = reals(seed, length)
        const blocks = Math.ceil(length / blockLength)
        const partials = { before: new Float64Array(blocks).fill(-1), stride: 1 }
        const [out] = callKernel(name, [x, length, partials], blocks - 1, blocks)
        const last = x.subarray((blocks - 1) * blockLength)
        const expected = last.reduce((sum, value) => sum + term(value), 0)
        expect(Math.abs(out[blocks - 1] - expected)).toBeLessThan(1e-10)
        expect([...out.subarray(0, -1)]).toEqual(Array(blocks - 1).fill(-1))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps what float32 would lose', () => {
    const x = new Float32Array(100_000).fill(0.1)
    x[0] = 2 ** 24
    const runtime = new KernelRuntime()
    const pointer = runtime.allocate(x.byteLength)
    runtime.float32(pointer, x.length).set(x)
    const expected = x.reduce((sum, value) => sum + value, 0)
    expect(runtime.reduce('blockSum', pointer, x.length)).toBeCloseTo(expected, 6)
    const squares = x.reduce((sum, value) => sum + value * value, 0)
    expect(runtime.reduce('blockSquaredSum', pointer, x.length) / squares).toBeCloseTo(1, 10)
  })

  it('squares of a table with few filled rows are summed to the same bytes without the others', () => {
    const runtime = new KernelRuntime({ shared: false })
    const rowCounts = fc.integer({ min: 1, max: 400 })
    const columns = fc.integer({ min: 1, max: 40 }).map((quarter) => 4 * quarter)
    fc.assert(
      fc.property(rowCounts, columns, fc.nat(30), seeds, (rowCount, width, count, seed) => {
        const rows = integers(seed, count, 0, rowCount - 1)
        const x = new Float32Array(rowCount * width)
        for (const row of rows) x.set(reals(seed + row, width), row * width)
        const pointer = runtime.allocate(x.byteLength)
        runtime.float32(pointer, x.length).set(x)
        const { usedBlocks } = runtime.statistics
        const marked = Int32Array.of(...rows, -1, rowCount)
        const sum = runtime.squaredSumOfRows(pointer, rowCount, width, marked)
        expect(sum).toBe(runtime.reduce('blockSquaredSum', pointer, x.length))
        expect(runtime.statistics.usedBlocks).toBe(usedBlocks)
        runtime.free(pointer)
      }),
    )
  })

  it('an empty sum is 0 and leaves no block behind', () => {
    const runtime = new KernelRuntime({ shared: false })
    const pointer = runtime.allocate(4)
    const { usedBlocks } = runtime.statistics
    expect(runtime.reduce('blockSum', pointer, 0)).toBe(0)
    expect(runtime.reduce('blockSum', pointer, 1)).toBe(0)
    expect(runtime.statistics.usedBlocks).toBe(usedBlocks)
  })
})
