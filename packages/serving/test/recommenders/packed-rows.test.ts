import type { RankedRows } from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { PackedRows } from '../../src/recommenders/packed-rows.js'
import { PlainRows } from '../../src/recommenders/plain-rows.js'

/** Returns all rows of a table in their order. */
function allOf(table: Float32Array, dim: number) {
  return { table, indices: Int32Array.from({ length: table.length / dim }, (_, row) => row) }
}

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
const rows = (count: number, dim: number) =>
  fc
    .array(float, { minLength: count * dim, maxLength: count * dim })
    .map((values) => Float32Array.from(values))
const blockArbitrary = fc
  .record({ userCount: fc.nat(5), itemCount: fc.nat(11), dim: fc.integer({ min: 1, max: 9 }) })
  .chain(({ userCount, itemCount, dim }) =>
    fc.record({
      dim: fc.constant(dim),
      users: rows(userCount, dim),
      items: rows(itemCount, dim),
    }),
  )

describe.each([
  ['PackedRows', PackedRows],
  ['PlainRows', PlainRows],
] as const)('%s', (_, Rows) => {
  function score(users: Float32Array, items: Float32Array, dim: number, out: Float32Array): void {
    const rows = new Rows(items, dim)
    rows.score(allOf(users, dim), out)
    rows.free()
  }

  it('gives the dot product of each pair of rows, summed in float32 from left to right', () => {
    fc.assert(
      fc.property(blockArbitrary, ({ users, items, dim }) => {
        const userCount = users.length / dim
        const itemCount = items.length / dim
        const out = new Float32Array(userCount * itemCount + 1).fill(7)
        score(users, items, dim, out)
        const expected = new Float32Array(out.length).fill(7)
        for (let u = 0; u < userCount; u++) {
          for (let i = 0; i < itemCount; i++) {
            let sum = 0
            for (let d = 0; d < dim; d++) {
              const product = Math.fround(
                (users[u * dim + d] as number) * (items[i * dim + d] as number),
              )
              sum = Math.fround(sum + product)
            }
            expected[u * itemCount + i] = sum
          }
        }
        expect(out).toEqual(expected)
      }),
    )
  })

  it('gives the same bytes for a pair whatever else is in the block', () => {
    fc.assert(
      fc.property(blockArbitrary, ({ users, items, dim }) => {
        const userCount = users.length / dim
        const itemCount = items.length / dim
        const out = new Float32Array(userCount * itemCount)
        score(users, items, dim, out)
        const one = new Float32Array(1)
        for (let u = 0; u < userCount; u++) {
          for (let i = 0; i < itemCount; i++) {
            const user = users.subarray(u * dim, (u + 1) * dim)
            score(user, items.subarray(i * dim, (i + 1) * dim), dim, one)
            expect(one[0]).toBe(out[u * itemCount + i])
          }
        }
      }),
    )
  })
})

describe('PlainRows', () => {
  it('ranks to the same bytes as PackedRows', () => {
    const choices = fc.record({
      scale: fc.constantFrom(1, -2, 0.1),
      shift: fc.array(fc.constantFrom(0, 0.5, Number.NEGATIVE_INFINITY), {
        minLength: 11,
        maxLength: 11,
      }),
      withShift: fc.boolean(),
      k: fc.integer({ min: 1, max: 11 }),
      excluded: fc.uniqueArray(fc.nat(10)),
    })
    fc.assert(
      fc.property(blockArbitrary, choices, ({ users, items, dim }, given) => {
        const count = items.length / dim
        if (count === 0) return
        const k = Math.min(given.k, count)
        const excluded = Int32Array.from(given.excluded.filter((item) => item < count)).sort()
        const rule = {
          scale: given.scale,
          ...(given.withShift && { shift: Float32Array.from(given.shift.slice(0, count)) }),
        }
        const [packed, plain] = [new PackedRows(items, dim), new PlainRows(items, dim)]
        const rank = (rows: PackedRows | PlainRows) => {
          const ranked = rows.rank(allOf(users, dim), k, () => excluded, rule)
          return ranked && listsOf(ranked)
        }
        expect(rank(plain)).toEqual(rank(packed))
        packed.free()
      }),
    )
  })

  function listsOf({ k, items, scores, lengths }: RankedRows) {
    return Array.from(lengths, (length, row) => ({
      items: items.slice(row * k, row * k + length),
      scores: scores.slice(row * k, row * k + length),
    }))
  }
})

describe('the kernel memory of one call', () => {
  const runtime = defaultRuntime()
  const itemCount = 1_000_000
  const users = { table: Float32Array.of(1, 2), indices: new Int32Array(64).fill(1) }

  /** Returns the largest block that work allocates. */
  function largestBlock(work: () => void): number {
    const allocate = vi.spyOn(runtime, 'allocate')
    work()
    const largest = Math.max(...allocate.mock.calls.map(([bytes]) => bytes))
    allocate.mockRestore()
    return largest
  }

  it('is bounded in bytes, however many users and items there are', () => {
    const rows = Float32Array.from({ length: itemCount }, (_, item) => item % 1000)
    let packed: PackedRows | undefined
    // The rows themselves, and a piece of them that is copied.
    expect(
      largestBlock(() => {
        packed = new PackedRows(rows, 1)
      }),
    ).toBeLessThanOrEqual(Math.max(4 * itemCount + 1024, 2 ** 22))
    const largest = largestBlock(() => {
      const ranked = packed?.rank(users, 10, () => new Int32Array())
      expect(ranked?.items.slice(630, 632)).toEqual(Int32Array.of(999, 1999))
      const some = { ...users, indices: users.indices.subarray(0, 12) }
      const scores = new Float32Array(12 * itemCount)
      packed?.score(some, scores)
      expect(scores.subarray(-2)).toEqual(Float32Array.of(1996, 1998))
    })
    expect(largest).toBeLessThanOrEqual(2 ** 25)
    const masked = Int32Array.from({ length: itemCount }, (_, item) => item).subarray(10)
    expect(largestBlock(() => packed?.rank(users, 10, () => masked))).toBeLessThanOrEqual(2 ** 25)
    packed?.free()
  })
})
