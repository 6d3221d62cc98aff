import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { threefry2x32 } from '../../src/random/threefry.js'
import { callKernel, untouched, type Written } from '../support/call-kernel.js'
import { integers } from '../support/numbers.js'
import { ranges, seeds } from '../support/ranges.js'

type Key = readonly [number, number]

/** `Rng.integerAt`. */
function integerAt([key0, key1]: Key, block: number, position: number, bound: number): number {
  const words = new Int32Array(2)
  threefry2x32(key0, key1, position, block, words)
  const u = ((words[0] >>> 0) * 2 ** 21 + (words[1] >>> 11)) * 2 ** -53
  return Math.floor(u * bound)
}

const output = (length: number, stride = 1): Written => ({
  before: new Int32Array(length * stride).fill(untouched),
  stride,
})

/** Returns an output of which only start..end-1 was written. */
const part = (full: readonly number[], start: number, end: number, stride = 1) =>
  full.map((value, i) => (i >= start * stride && i < end * stride ? value : untouched))

const keys = fc.tuple(fc.integer(), fc.integer())
const blocks = fc.oneof(fc.nat(9), fc.constant(2 ** 31 - 1), fc.nat(2 ** 31 - 1))

describe('drawIntegers', () => {
  it('draws below bounds up to 2^31 - 1, at positions up to 2^32 - 1', () => {
    const bounds = fc.oneof(
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 2 ** 30, 2 ** 31 - 1),
    )
    const firsts = fc.oneof(fc.nat(9), fc.nat(2 ** 32 - 60), fc.constant(2 ** 32 - 50))
    fc.assert(
      fc.property(
        ranges(50),
        keys,
        blocks,
        firsts,
        bounds,
        fc.nat(3),
        ({ count, start, end }, key, block, first, bound, wanted) => {
          const growth = bound > 2 ** 31 - 200 ? 0 : wanted
          const full = Array.from({ length: count }, (_, i) =>
            integerAt(key, block, first + i, bound + i * growth),
          )
          const given = [...key, block, first, bound, growth, output(count)]
          const [out] = callKernel('drawIntegers', given, start, end)
          expect([...out]).toEqual(part(full, start, end))
        },
      ),
    )
  })
})

/** Rows of items, each with something missing. */
const lists = fc.integer({ min: 2, max: 120 }).chain((itemCount) =>
  fc.record({
    itemCount: fc.constant(itemCount),
    rows: fc.array(
      fc.oneof(
        fc.subarray(
          Array.from({ length: itemCount }, (_, item) => item),
          { minLength: 1, maxLength: itemCount - 1 },
        ),
        // All but one.
        fc
          .nat(itemCount - 1)
          .map((gap) => Array.from({ length: itemCount - 1 }, (_, i) => i + Number(i >= gap))),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  }),
)

describe('drawItems', () => {
  it('draws the positive at a draw and each negative at its own, on any part of the samples', () => {
    fc.assert(
      fc.property(
        lists,
        ranges(40),
        seeds,
        keys,
        keys,
        blocks,
        fc.record({
          perSample: fc.nat(4),
          first: fc.oneof(fc.nat(9), fc.constant(2 ** 31 - 50)),
          takesDraws: fc.boolean(),
          takesPositives: fc.boolean(),
        }),
        (
          { itemCount, rows },
          { count, start, end },
          seed,
          positiveKey,
          negativeKey,
          block,
          how,
        ) => {
          const { perSample, first, takesDraws, takesPositives } = how
          const pointers = Int32Array.of(
            0,
            ...rows.map((_, r) => rows.slice(0, r + 1).flat().length),
          )
          const users = integers(seed, count, 0, rows.length - 1)
          const draws = takesDraws
            ? integers(seed + 1, count, 0, 2 ** 31 - 1)
            : Int32Array.from({ length: count }, (_, i) => first + i)
          const rowOf = (sample: number) => rows[users[sample]]
          const positives = Array.from(draws, (draw, sample) => {
            const row = rowOf(sample)
            return row[integerAt(positiveKey, block, draw, row.length)]
          })
          const negatives = Array.from(draws).flatMap((draw, sample) => {
            const met = new Set(rowOf(sample))
            const others = Array.from({ length: itemCount }, (_, i) => i).filter((i) => !met.has(i))
            return Array.from({ length: perSample }, (_, n) => {
              const position = (draw * perSample + n) % 2 ** 32
              return others[integerAt(negativeKey, block, position, others.length)]
            })
          })
          const given = [
            pointers,
            Int32Array.from(rows.flat()),
            itemCount,
            users,
            takesDraws ? draws : 0,
            first,
            block,
            ...positiveKey,
            takesPositives ? output(count) : 0,
            ...negativeKey,
            perSample,
            output(count, perSample),
          ]
          const results = callKernel('drawItems', given, start, end).map((out) => [...out])
          if (takesPositives) expect(results.shift()).toEqual(part(positives, start, end))
          expect(results).toEqual([part(negatives, start, end, perSample)])
        },
      ),
    )
  })
})
