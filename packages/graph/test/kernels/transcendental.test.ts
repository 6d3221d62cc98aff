import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output } from '../support/call-kernel.js'
import { ulpDistance } from '../support/numbers.js'

const smallestNormal = 2 ** -126

const references = {
  exponential: Math.exp,
  sigmoid: (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  softplus: (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
}

/** Sweep over -200..200, dense near 0 and at the ends of the range of exp, with both tails. */
function sweep(): Float32Array {
  const points: number[] = []
  for (let i = -40_000; i <= 40_000; i++) points.push(i / 200)
  for (let exponent = -140; exponent < 8; exponent++) {
    for (const mantissa of [1, 1.25, 1.7]) {
      points.push(mantissa * 2 ** exponent, -mantissa * 2 ** exponent)
    }
  }
  for (const edge of [-103.97, -87.33654, 88.722839, 17.3, -17.3]) {
    for (let i = -200; i <= 200; i++) points.push(edge + i * 1e-5)
  }
  return Float32Array.from(points)
}

describe.each(Object.entries(references))('%s', (name, reference) => {
  const kernel = name as keyof typeof references
  const call = (x: Float32Array, start = 0, end = x.length) =>
    callKernel(kernel, [x, output(x.length)], start, end)[0]

  it('is within 3 units in the last place of float64; what is not normal may be 0', () => {
    const x = sweep()
    const out = call(x)
    let worst = { units: 0, at: NaN, got: NaN }
    for (let i = 0; i < x.length; i++) {
      const expected = reference(x[i])
      if (Math.abs(expected) < smallestNormal * (1 + 1e-6) && out[i] === 0) continue
      const units = ulpDistance(out[i], expected)
      if (units > worst.units) worst = { units, at: x[i], got: out[i] }
    }
    expect(worst.units, `at ${worst.at}: ${worst.got}`).toBeLessThanOrEqual(3)
  })

  it('has the right limits and lets NaN through', () => {
    const out = call(Float32Array.of(-Infinity, Infinity, NaN, -1e30, 1e30, 0, -0))
    const zero = { exponential: 1, sigmoid: 0.5, softplus: Math.fround(Math.LN2) }[kernel]
    const high = { exponential: Infinity, sigmoid: 1, softplus: Math.fround(1e30) }[kernel]
    const top = kernel === 'sigmoid' ? 1 : Infinity
    expect([...out.subarray(0, 5)]).toEqual([0, top, NaN, 0, high])
    expect(ulpDistance(out[5], zero)).toBeLessThanOrEqual(1)
    expect(out[6]).toBe(out[5])
  })

  it('never decreases by more than its error', () => {
    const x = sweep().sort()
    const out = call(x)
    for (let i = 1; i < x.length; i++) {
      if (out[i] < out[i - 1]) expect(ulpDistance(out[i], out[i - 1])).toBeLessThanOrEqual(3)
    }
  })

  it('gives an element the same bytes wherever the range is cut', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 1, maxLength: 23, min: -100, max: 100 }),
        fc.nat(22),
        (x, cut) => {
          const whole = call(x)
          const middle = Math.min(cut, x.length)
          const low = call(x, 0, middle)
          const high = call(x, middle, x.length)
          expect([...low.subarray(0, middle), ...high.subarray(middle)]).toEqual([...whole])
        },
      ),
    )
  })
})
