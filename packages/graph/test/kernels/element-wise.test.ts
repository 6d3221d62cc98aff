import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, written } from '../support/call-kernel.js'
import { reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

const f = Math.fround

describe('element-wise kernels', () => {
  it.each([
    ['add', (a: number, b: number) => a + b],
    ['subtract', (a: number, b: number) => a - b],
    ['multiply', (a: number, b: number) => a * b],
    ['divide', (a: number, b: number) => a / b],
  ] as const)('%s rounds once and keeps to its range', (name, operation) => {
    fc.assert(
      fc.property(ranges(70), seeds, ({ count, start, end }, seed) => {
        const [a, b] = [reals(seed, count), reals(seed + 1, count)]
        const [out] = callKernel(name, [a, b, output(count)], start, end)
        expect(out).toEqual(
          written(
            a.map((value, i) => operation(value, b[i])),
            start,
            end,
          ),
        )
      }),
    )
  })

  it('divide gives infinities and NaN as IEEE 754 does', () => {
    const a = Float32Array.of(1, -1, 0, Infinity, 1, 0)
    const b = Float32Array.of(0, 0, 0, Infinity, -Infinity, -1)
    const [out] = callKernel('divide', [a, b, output(6)], 0, 6)
    expect(out).toEqual(Float64Array.of(Infinity, -Infinity, NaN, NaN, -0, -0))
  })

  it('affine multiplies, rounds, adds, rounds', () => {
    fc.assert(
      fc.property(ranges(70), seeds, ({ count, start, end }, seed) => {
        const x = reals(seed, count)
        const [scale, offset] = reals(seed + 1, 2)
        const [out] = callKernel('affine', [x, scale, offset, output(count)], start, end)
        expect(out).toEqual(
          written(
            x.map((value) => f(value * scale) + offset),
            start,
            end,
          ),
        )
      }),
    )
  })

  it('divideBy rounds the quotient once', () => {
    fc.assert(
      fc.property(ranges(70), seeds, ({ count, start, end }, seed) => {
        const x = reals(seed, count)
        const [out] = callKernel('divideBy', [x, 3, output(count)], start, end)
        expect(out).toEqual(
          written(
            x.map((value) => value / 3),
            start,
            end,
          ),
        )
      }),
    )
  })

  it('squareRoot is exact to the last bit, NaN below zero', () => {
    fc.assert(
      fc.property(ranges(70), seeds, ({ count, start, end }, seed) => {
        const x = reals(seed, count)
        const [out] = callKernel('squareRoot', [x, output(count)], start, end)
        expect(out).toEqual(written(x.map(Math.sqrt), start, end))
      }),
    )
  })

  it('rectify keeps what is positive, and NaN', () => {
    fc.assert(
      fc.property(ranges(70), seeds, ({ count, start, end }, seed) => {
        const x = reals(seed, count).map((value, i) => (i % 7 === 3 ? Number.NaN : value))
        const [out] = callKernel('rectify', [x, output(count)], start, end)
        expect(out).toEqual(
          written(
            x.map((value) => Math.max(value, 0)),
            start,
            end,
          ),
        )
      }),
    )
  })

  it('step is 1 where x is positive, alpha elsewhere, and NaN where x is', () => {
    fc.assert(
      fc.property(ranges(70), seeds, fc.constantFrom(0, 0.5, -2), (range, seed, alpha) => {
        const { count, start, end } = range
        const special = [0, -0, Number.NaN, Infinity, -Infinity]
        const x = reals(seed, count).map((value, i) => special[i % 9] ?? value)
        const [out] = callKernel('step', [x, alpha, output(count)], start, end)
        const full = x.map((value) => (Number.isNaN(value) ? value : value > 0 ? 1 : alpha))
        expect(out).toEqual(written(full, start, end))
      }),
    )
  })

  it('fill writes one number', () => {
    fc.assert(
      fc.property(ranges(70), fc.float(), ({ count, start, end }, value) => {
        const [out] = callKernel('fill', [value, output(count)], start, end)
        expect(out).toEqual(written(new Float32Array(count).fill(value), start, end))
      }),
    )
  })
})
