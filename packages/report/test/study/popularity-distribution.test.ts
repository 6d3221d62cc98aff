import fc from 'fast-check'
import { expect, it } from 'vitest'
import { distributionOf } from '../../src/study/popularity-distribution.js'

it('counts picks, not items', () => {
  const found = distributionOf([1, 10, 100], [1, 2, 1])!
  expect(found.quantile(0.25)).toBe(1)
  expect(found.quantile(0.5)).toBe(10)
  expect(found.quantile(0.76)).toBe(100)
  expect(found.curve()).toEqual([
    [1, 0.25],
    [10, 0.75],
    [100, 1],
  ])
})

it('puts items without training users at 1, which a logarithmic axis can show', () => {
  expect(distributionOf([0, 5], [3, 1])!.curve()[0]).toEqual([1, 0.75])
})

it('is undefined when nothing was picked', () => {
  expect(distributionOf([1, 2], [0, 0])).toBeUndefined()
})

it('has the quantiles of all sorted picks, and rising curves that end at 1', () => {
  const items = fc.array(fc.tuple(fc.nat(3000), fc.nat(5)), { minLength: 1 })
  fc.assert(
    fc.property(items, fc.double({ min: 0.01, max: 1, noNaN: true }), (pairs, share) => {
      const [popularity, picks] = [pairs.map(([p]) => p), pairs.map(([, n]) => n)]
      const sorted = pairs.flatMap(([p, n]) => Array(n).fill(Math.max(1, p))).sort((a, b) => a - b)
      const found = distributionOf(popularity, picks)
      expect(found === undefined).toBe(sorted.length === 0)
      if (sorted.length === 0) return
      const place = sorted.findIndex((_, i) => (i + 1) / sorted.length >= share)
      expect(found!.quantile(share)).toBe(sorted[place])
      const curve = found!.curve()
      expect(curve.at(-1)).toEqual([sorted.at(-1), 1])
      curve.forEach(([x, y], i) => {
        if (i > 0) expect(x > curve[i - 1][0] && y > curve[i - 1][1]).toBe(true)
      })
    }),
  )
})
