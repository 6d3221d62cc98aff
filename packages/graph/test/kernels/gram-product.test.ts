import fc from 'fast-check'
import { expect, it } from 'vitest'
import { callKernel } from '../support/call-kernel.js'
import { quarters, sparse } from '../support/numbers.js'
import { seeds } from '../support/ranges.js'

const rowCounts = fc.integer({ min: 1, max: 15 })
const innerSizes = fc.integer({ min: 1, max: 25 })

it('addGramProduct adds the product of the transpose with that of the first rows', () => {
  fc.assert(
    fc.property(rowCounts, fc.nat(), innerSizes, seeds, (count, taken, inner, seed) => {
      const end = taken % (count + 1)
      const { rowPointers, columnIndices, values } = sparse(seed, count, inner, 3)
      const x = quarters(seed + 2, inner)
      const before = quarters(seed + 3, inner)
      const expected = Float64Array.from(before)
      for (let row = 0; row < end; row++) {
        let sum = 0
        for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
          sum += values[entry] * x[columnIndices[entry]]
        }
        for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
          expected[columnIndices[entry]] += values[entry] * sum
        }
      }
      // Each row may write all of the sums.
      const out = { before, stride: inner }
      const given = [rowPointers, columnIndices, values, x, out]
      const [sums] = callKernel('addGramProduct', given, 0, end)
      expect(sums.map((v) => v + 0)).toEqual(expected.map((v) => v + 0))
    }),
  )
})

it('addTransposeProduct adds the first rows times their factors, and reads none whose factor is 0', () => {
  fc.assert(
    fc.property(rowCounts, fc.nat(), innerSizes, seeds, (count, taken, inner, seed) => {
      const end = taken % (count + 1)
      const { rowPointers, columnIndices, values } = sparse(seed, count, inner, 3)
      const y = quarters(seed + 2, count)
      for (let row = 0; row < count; row += 2) {
        y[row] = 0
        values.fill(Number.NaN, rowPointers[row], rowPointers[row + 1])
      }
      const before = quarters(seed + 3, inner)
      const expected = Float64Array.from(before)
      for (let row = 1; row < end; row += 2) {
        if (y[row] === 0) continue
        for (let entry = rowPointers[row]; entry < rowPointers[row + 1]; entry++) {
          expected[columnIndices[entry]] += values[entry] * y[row]
        }
      }
      const out = { before, stride: inner }
      const given = [rowPointers, columnIndices, values, y, out]
      const [sums] = callKernel('addTransposeProduct', given, 0, end)
      expect(sums.map((v) => v + 0)).toEqual(expected.map((v) => v + 0))
    }),
  )
})
