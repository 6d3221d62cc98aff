import fc from 'fast-check'
import { expect, it } from 'vitest'
import { callKernel } from '../support/call-kernel.js'
import { reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

it('scales and shifts rows as JavaScript does, on any part of them', () => {
  fc.assert(
    fc.property(
      ranges(12),
      fc.integer({ min: 1, max: 11 }),
      seeds,
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.boolean(),
      ({ count, start, end }, columns, seed, scale, isShifted) => {
        const x = reals(seed, count * columns)
        const shift = reals(seed + 1, columns)
        const given = { before: x, stride: columns }
        const [out] = callKernel(
          'scaleShift',
          [given, columns, scale, isShifted ? shift : 0],
          start,
          end,
        )
        const expected = x.map((value, place) =>
          place >= start * columns && place < end * columns
            ? scale * value + (isShifted ? shift[place % columns] : 0)
            : value,
        )
        expect(out).toEqual(Float64Array.from(expected))
      },
    ),
  )
})
