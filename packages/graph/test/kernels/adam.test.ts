import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel } from '../support/call-kernel.js'
import { reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

describe('adam', () => {
  it('makes one step on its range and leaves the rest', () => {
    fc.assert(
      fc.property(ranges(40), seeds, ({ count, start, end }, seed) => {
        const [x, gradient, m] = [0, 1, 2].map((i) => reals(seed + i, count))
        const v = reals(seed + 3, count).map((value) => value * value)
        const [gradientScale, beta1, beta2, stepSize, inverseRoot, epsilon] = [
          0.5, 0.9, 0.999, 0.01, 1.5, 1e-8,
        ]
        const inPlace = (before: Float32Array) => ({ before, stride: 1 })
        const [newX, newM, newV] = callKernel(
          'adam',
          [
            inPlace(x),
            gradient,
            inPlace(m),
            inPlace(v),
            gradientScale,
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            stepSize,
            inverseRoot,
            epsilon,
          ],
          start,
          end,
        )
        for (let i = 0; i < count; i++) {
          const inside = i >= start && i < end
          const g = gradientScale * gradient[i]
          const expectedM = inside ? beta1 * m[i] + (1 - beta1) * g : m[i]
          const expectedV = inside ? beta2 * v[i] + (1 - beta2) * g * g : v[i]
          const step = (stepSize * expectedM) / (Math.sqrt(expectedV) * inverseRoot + epsilon)
          expect(Math.abs(newM[i] - expectedM)).toBeLessThan(1e-6)
          expect(Math.abs(newV[i] - expectedV)).toBeLessThan(1e-6)
          const expectedX = inside ? x[i] - step : x[i]
          expect(Math.abs(newX[i] - expectedX)).toBeLessThan(1e-6 * (1 + Math.abs(step) * 10))
        }
      }),
    )
  })

  it('gives an element the same bytes wherever the range is cut', () => {
    const count = 403
    const arrays = [0, 1, 2, 3].map((seed) => reals(seed, count).map(Math.abs))
    const step = (start: number, end: number, [x, g, m, v]: Float32Array[]) => {
      const [a, b, c] = callKernel(
        'adam',
        [
          { before: x, stride: 1 },
          g,
          { before: m, stride: 1 },
          { before: v, stride: 1 },
          1,
          0.9,
          0.1,
          0.3,
          0.7,
          0.01,
          1.2,
          1e-8,
        ],
        start,
        end,
      ).map((values) => Float32Array.from(values))
      return [a, g, b, c]
    }
    const whole = step(0, count, arrays)
    for (const cut of [0, 1, 2, 3, 4, 201, count - 1, count]) {
      expect(step(cut, count, step(0, cut, arrays))).toEqual(whole)
    }
  })
})
