import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, untouched, written } from '../support/call-kernel.js'
import { integers, quarters, reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

const widths = fc.integer({ min: 0, max: 70 })

function rowsOf(x: Float32Array, columns: number, count: number): Float32Array[] {
  return Array.from({ length: count }, (_, r) => x.subarray(r * columns, (r + 1) * columns))
}

describe('row kernels', () => {
  it('gatherRows copies the rows asked for', () => {
    fc.assert(
      fc.property(ranges(20), widths, seeds, ({ count, start, end }, columns, seed) => {
        const table = reals(seed, 9 * columns)
        const indices = integers(seed, count, 0, 8)
        const given = [table, indices, output(count * columns, columns), columns]
        const [out] = callKernel('gatherRows', given, start, end)
        const rows = rowsOf(table, columns, 9)
        const full = [...indices].flatMap((index) => [...rows[index]])
        expect(out).toEqual(written(full, start, end, columns))
      }),
    )
  })

  it('scatterAddRows adds repeated rows and drops those outside of its range', () => {
    fc.assert(
      fc.property(
        ranges(12),
        widths,
        fc.nat(30),
        seeds,
        ({ count, start, end }, columns, sources, seed) => {
          const rows = quarters(seed, sources * columns)
          const targets = integers(seed, sources, -3, count + 2)
          const given = [rows, targets, sources, output(count * columns, columns), columns]
          const [out] = callKernel('scatterAddRows', given, start, end)
          const full = new Float64Array(count * columns)
          for (let k = 0; k < sources; k++) {
            if (targets[k] < 0 || targets[k] >= count) continue
            for (let c = 0; c < columns; c++) {
              full[targets[k] * columns + c] += rows[k * columns + c]
            }
          }
          expect(out).toEqual(written(full, start, end, columns))
        },
      ),
    )
  })

  it('scatterAddRows adds in ascending order of the sources', () => {
    // In float32, (1 + 2^24) - 2^24 is 0 and (2^24 - 2^24) + 1 is 1.
    const big = 2 ** 24
    const sum = (...terms: number[]) => {
      const rows = Float32Array.from(terms.flatMap((term) => Array(5).fill(term)))
      return callKernel('scatterAddRows', [rows, new Int32Array(3), 3, output(5, 5), 5], 0, 1)[0]
    }
    expect([...sum(1, big, -big)]).toEqual(Array(5).fill(0))
    expect([...sum(big, -big, 1)]).toEqual(Array(5).fill(1))
  })

  it('rowDot and rowSum add the products and the values of each row', () => {
    fc.assert(
      fc.property(ranges(20), widths, seeds, ({ count, start, end }, columns, seed) => {
        const a = quarters(seed, count * columns)
        const b = quarters(seed + 1, count * columns)
        const [dots] = callKernel('rowDot', [a, b, output(count), columns], start, end)
        const [sums] = callKernel('rowSum', [a, output(count), columns], start, end)
        const [left, right] = [rowsOf(a, columns, count), rowsOf(b, columns, count)]
        const dot = left.map((row, r) =>
          row.reduce((sum, value, c) => sum + value * right[r][c], 0),
        )
        const sum = left.map((row) => row.reduce((total, value) => total + value, 0))
        expect(dots).toEqual(written(dot, start, end))
        expect(sums).toEqual(written(sum, start, end))
      }),
    )
  })

  it('scaleRows multiplies each row by its own number', () => {
    fc.assert(
      fc.property(ranges(20), widths, seeds, ({ count, start, end }, columns, seed) => {
        const [scales, x] = [reals(seed, count), reals(seed + 1, count * columns)]
        const given = [scales, x, output(count * columns, columns), columns]
        const [out] = callKernel('scaleRows', given, start, end)
        const full = x.map((value, i) => scales[Math.floor(i / columns)] * value)
        expect(out).toEqual(written(full, start, end, columns))
      }),
    )
  })

  it('an empty range writes nothing', () => {
    const x = reals(1, 40)
    for (const at of [0, 3, 4]) {
      expect([...callKernel('rowSum', [x, output(4), 10], at, at)[0]]).toEqual(
        Array(4).fill(untouched),
      )
    }
  })
})
