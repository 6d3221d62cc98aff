import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { threefry2x32 } from '../../src/random/threefry.js'
import { callKernel, output, written } from '../support/call-kernel.js'
import { integers, reals } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

describe('dropNumbers', () => {
  it('keeps what draws at least the threshold, times a factor, on any part of the numbers', () => {
    const thresholds = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(ranges(70), seeds, thresholds, ({ count, start, end }, seed, rate) => {
        const x = reals(seed, count)
        const [key0, key1] = integers(seed, 2, -(2 ** 31), 2 ** 31 - 1)
        const [block] = integers(seed + 1, 1, 0, 2 ** 31 - 1)
        const threshold = Math.ceil(rate * 2 ** 53)
        const words = new Int32Array(2)
        const full = x.map((value, place) => {
          threefry2x32(key0, key1, place, block, words)
          const u = (words[0] >>> 0) * 2 ** 21 + (words[1] >>> 11)
          return u >= threshold ? value * 1.5 : 0
        })
        const limits = [Math.floor(threshold / 2 ** 21), threshold % 2 ** 21]
        const given = [x, key0, key1, block, ...limits, 1.5, output(count)]
        const [out] = callKernel('dropNumbers', given, start, end)
        expect(out.map((value) => value + 0)).toEqual(
          written(full, start, end).map((value) => value + 0),
        )
      }),
    )
  })
})
