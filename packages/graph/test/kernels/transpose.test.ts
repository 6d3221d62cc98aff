import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callKernel, output, written } from '../support/call-kernel.js'
import { quarters } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

describe('transpose', () => {
  it('writes any part of the rows of the result', () => {
    const sizes = fc.integer({ min: 1, max: 21 })
    fc.assert(
      fc.property(ranges(23), sizes, seeds, ({ count: rows, start, end }, columns, seed) => {
        const x = quarters(seed, rows * columns)
        const full = Float64Array.from({ length: rows * columns }, (_, i) => {
          const [r, c] = [Math.floor(i / columns), i % columns]
          return x[c * rows + r]
        })
        const given = [x, rows, columns, output(rows * columns, columns)]
        const [transposed] = callKernel('transpose', given, start, end)
        expect(transposed).toEqual(written(full, start, end, columns))
      }),
    )
  })
})
