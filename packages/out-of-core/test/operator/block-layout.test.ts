import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { leastBlocks } from '../../src/cache/block-cache.ts'
import { MemoryLimitError } from '../../src/errors.ts'
import { layoutFor, smallestCapacity } from '../../src/operator/block-layout.ts'

const sizes = fc.record({
  userCount: fc.integer({ min: 1, max: 1e7 }),
  itemCount: fc.integer({ min: 1, max: 1e7 }),
  edgeCount: fc.integer({ min: 1, max: 1e9 }),
  columns: fc.integer({ min: 1, max: 300 }),
})

it('cuts into blocks of which enough fit, at places where sums of blocks may begin', () => {
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (size, share) => {
      const smallest = smallestCapacity(size)
      const capacity = Math.floor(smallest * (1 + 1000 * share ** 3))
      const { blockRows, chunkBytes } = layoutFor(size, capacity)
      const counts = { users: size.userCount, items: size.itemCount }
      for (const side of ['users', 'items'] as const) {
        const rows = blockRows[side]
        expect(rows).toBeGreaterThan(0)
        expect(leastBlocks * 4 * rows * size.columns).toBeLessThanOrEqual(capacity)
        // A row of a tile with all of its columns.
        expect(leastBlocks * (8 * rows + 8)).toBeLessThanOrEqual(capacity)
        if (rows < counts[side]) expect((rows * size.columns) % 4096).toBe(0)
        else expect(rows).toBe(counts[side])
      }
      expect(leastBlocks * chunkBytes).toBeLessThanOrEqual(capacity)
    }),
  )
})

it('refuses a limit that nothing can meet with the smallest that could', () => {
  fc.assert(
    fc.property(sizes, (size) => {
      const smallest = smallestCapacity(size)
      expect(() => layoutFor(size, smallest - 1)).toThrow(MemoryLimitError)
      expect(() => layoutFor(size, smallest)).not.toThrow()
    }),
  )
})
