import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Arena, alignedBytes } from '../../src/cache/arena.ts'

it('gives out parts that do not overlap, and has room again for what comes back', () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 1000 }), drop: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [start, size] = [128, 64 * 60]
      const arena = new Arena(start, size)
      const held: { at: number; bytes: number }[] = []
      for (const { bytes, drop } of steps) {
        const at = arena.take(bytes)
        if (at !== undefined) {
          expect(at % 64).toBe(0)
          expect(at).toBeGreaterThanOrEqual(start)
          expect(at + alignedBytes(bytes)).toBeLessThanOrEqual(start + size)
          for (const other of held) {
            const isBefore = at + bytes <= other.at
            expect(isBefore || other.at + other.bytes <= at).toBe(true)
          }
          held.push({ at, bytes })
        } else {
          const used = held.reduce((sum, part) => sum + alignedBytes(part.bytes), 0)
          // Parts cut the rest into one hole more than they are; one has the mean of them at least.
          expect((size - used) / (held.length + 1)).toBeLessThan(alignedBytes(bytes))
        }
        const [dropped] = held.splice(drop, 1)
        if (dropped) arena.giveBack(dropped.at, dropped.bytes)
      }
      for (const { at, bytes } of held) arena.giveBack(at, bytes)
      expect(arena.take(size)).toBe(start)
    }),
  )
})
