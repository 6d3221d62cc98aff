import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, untouched } from '../support/call-kernel.js'
import { reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

/** Rings of the places with equal labels. */
function rings(labels: readonly number[]): Int32Array {
  return Int32Array.from(labels, (label, place) => {
    const later = labels.indexOf(label, place + 1)
    return later >= 0 ? later : labels.indexOf(label)
  })
}

describe('crossEntropy', () => {
  it('gives the loss of any part of the rows and its gradient', () => {
    fc.assert(
      fc.property(
        ranges(13),
        fc.integer({ min: 1, max: 13 }),
        fc.boolean(),
        fc.constantFrom(0.1, 1, 60),
        seeds,
        ({ count: n, start, end }, groups, hasOffsets, size, seed) => {
          const scores = reals(seed, n * n).map((value) => size * value)
          const offsets = reals(seed + 1, n)
          const labels = Array.from(reals(seed + 2, n), (value) => Math.floor(value * groups))
          const given = [scores, hasOffsets ? offsets : 0, rings(labels), n]
          const [losses, weights] = callKernel(
            'crossEntropy',
            [...given, output(n), output(n * n, n)],
            start,
            end,
          )
          for (let r = 0; r < n; r++) {
            if (r < start || r >= end) {
              expect(losses[r]).toBe(untouched)
              continue
            }
            const x = (j: number) => scores[r * n + j] + (hasOffsets ? offsets[j] : 0)
            const counts = (j: number) => j === r || labels[j] !== labels[r]
            const exponentials = Array.from({ length: n }, (_, j) =>
              counts(j) ? Math.exp(x(j) - x(r)) : 0,
            )
            const sum = exponentials.reduce((a, b) => a + b)
            expect(Math.abs(losses[r] - Math.log(sum))).toBeLessThan(1e-6 * (size + 1))
            for (let j = 0; j < n; j++) {
              const expected = exponentials[j] / sum - (j === r ? 1 : 0)
              expect(Math.abs(weights[r * n + j] - expected)).toBeLessThan(2e-6 * (size + 1))
            }
          }
        },
      ),
    )
  })

  it('is the rounded logarithm of the number of columns where all scores are equal', () => {
    for (const n of [1, 2, 3, 7, 10, 100, 181, 300]) {
      const labels = Int32Array.from({ length: n }, (_, place) => place)
      const given = [new Float32Array(n * n).fill(2), 0, labels, n, output(n), output(n * n, n)]
      const [losses] = callKernel('crossEntropy', given, 0, 1)
      expect(losses[0]).toBe(Math.fround(Math.log(n)))
    }
  })

  it('is NaN where a score is', () => {
    const scores = Float32Array.of(0, Number.NaN, 0, 0)
    const given = [scores, 0, Int32Array.of(0, 1), 2, output(2), output(4, 2)]
    const [losses] = callKernel('crossEntropy', given, 0, 2)
    expect(losses[0]).toBeNaN()
    expect(losses[1]).toBeCloseTo(Math.LN2, 6)
  })
})
