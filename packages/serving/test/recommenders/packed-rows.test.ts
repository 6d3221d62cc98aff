import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PackedRows } from '../../src/recommenders/packed-rows.js'

function score(users: Float32Array, items: Float32Array, dim: number, out: Float32Array): void {
  const packed = new PackedRows(items, dim)
  packed.score(users, out)
  packed.free()
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

describe('PackedRows', () => {
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
