import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstBlock, largestBlock, nextBlock } from '../../src/protocol/block-size.js'

const positive = fc.integer({ min: 1, max: 1e8 })

describe('block sizes', () => {
  it('fit the score buffer into 32 MB, and hold one user where that is too little', () => {
    expect(largestBlock(1)).toBe(8e6)
    expect(largestBlock(1_000_000)).toBe(8)
    expect(largestBlock(8_000_000)).toBe(1)
    expect(largestBlock(8_000_001)).toBe(1)
  })

  it('are whole numbers from 1 to the largest', () => {
    const milliseconds = fc.double({ min: 0, noNaN: true })
    fc.assert(
      fc.property(positive, positive, positive, milliseconds, (items, largest, size, ms) => {
        for (const block of [firstBlock(items, largest), nextBlock(size, ms, largest)]) {
          expect(Number.isInteger(block)).toBe(true)
          expect(block).toBeGreaterThanOrEqual(1)
          expect(block).toBeLessThanOrEqual(largest)
        }
      }),
    )
  })

  it('shrink at once when a block took long, and grow fourfold at most', () => {
    expect(nextBlock(100, 200, 1000)).toBe(10)
    expect(nextBlock(100, 20, 1000)).toBe(100)
    expect(nextBlock(100, 10, 1000)).toBe(200)
    expect(nextBlock(100, 0.01, 1000)).toBe(400)
    expect(nextBlock(100, 0, 1000)).toBe(400)
  })
})
