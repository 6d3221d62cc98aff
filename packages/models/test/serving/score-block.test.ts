import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scoreBlock } from '../../src/serving/score-block.js'

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

describe('scoreBlock', () => {
  it('gives the dot product of each pair of rows, summed in float64 from left to right', () => {
    fc.assert(
      fc.property(blockArbitrary, ({ users, items, dim }) => {
        const userCount = users.length / dim
        const itemCount = items.length / dim
        const out = new Float32Array(userCount * itemCount + 1).fill(7)
        scoreBlock({ users, items, dim, out })
        const expected = new Float32Array(out.length).fill(7)
        for (let u = 0; u < userCount; u++) {
          for (let i = 0; i < itemCount; i++) {
            let sum = 0
            for (let d = 0; d < dim; d++) {
              sum += (users[u * dim + d] as number) * (items[i * dim + d] as number)
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
        scoreBlock({ users, items, dim, out })
        const one = new Float32Array(1)
        for (let u = 0; u < userCount; u++) {
          for (let i = 0; i < itemCount; i++) {
            scoreBlock({
              users: users.subarray(u * dim, (u + 1) * dim),
              items: items.subarray(i * dim, (i + 1) * dim),
              dim,
              out: one,
            })
            expect(one[0]).toBe(out[u * itemCount + i])
          }
        }
      }),
    )
  })
})
