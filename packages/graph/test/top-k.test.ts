import { InvalidOptionsError, NonFiniteError, topK } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

function reference(scores: Float32Array, k: number, exclude: readonly number[]): number[] {
  return Array.from(scores, (score, item) => ({ score, item }))
    .filter(({ item }) => !exclude.includes(item))
    .sort((a, b) => (a.score === b.score ? a.item - b.item : a.score > b.score ? -1 : 1))
    .slice(0, k)
    .map(({ item }) => item)
}

const fewValues = fc.constantFrom(
  -1,
  -0,
  0,
  1,
  2,
  Number.NEGATIVE_INFINITY,
  Number.POSITIVE_INFINITY,
)
const scoreLists = fc
  .oneof(
    fc.array(fewValues, { minLength: 1, maxLength: 40 }),
    fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 40 }),
  )
  .map((scores) => Float32Array.from(scores))

describe('topK', () => {
  it('equals a sort by score and then by index, ties and exclusions included', () => {
    const cases = scoreLists.chain((scores) =>
      fc.record({
        scores: fc.constant(scores),
        k: fc.integer({ min: 1, max: scores.length }),
        exclude: fc.subarray(Array.from(scores.keys())),
      }),
    )
    fc.assert(
      fc.property(cases, ({ scores, k, exclude }) => {
        const best = topK(scores, k, exclude)
        expect([...best.items]).toEqual(reference(scores, k, exclude))
        expect([...best.scores]).toEqual(Array.from(best.items, (item) => scores[item]))
      }),
      { numRuns: 500 },
    )
  })

  it('prefers the lower index when all scores are equal', () => {
    expect([...topK(new Float32Array(50), 4, [1]).items]).toEqual([0, 2, 3, 4])
  })

  it('returns fewer than k when fewer items are left', () => {
    expect([...topK(Float32Array.of(1, 2, 3), 3, [0, 2]).items]).toEqual([1])
    expect(topK(Float32Array.of(1), 1, [0]).items).toHaveLength(0)
  })

  it('ranks items with the score -Infinity last', () => {
    const scores = Float32Array.of(Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY)
    expect([...topK(scores, 2).items]).toEqual([1, 0])
  })

  it('rejects a k that is no count of items', () => {
    for (const k of [0, -1, 4, 1.5, Number.NaN]) {
      expect(() => topK(Float32Array.of(1, 2, 3), k)).toThrow(InvalidOptionsError)
    }
  })

  it('rejects NaN wherever it stands, unless the item is excluded', () => {
    for (const at of [0, 3, 5]) {
      const scores = Float32Array.of(6, 5, 4, 3, 2, 1)
      scores[at] = Number.NaN
      expect(() => topK(scores, 2)).toThrow(NonFiniteError)
      expect(() => topK(scores, 2)).toThrow(`item index ${at}`)
      expect(topK(scores, 2, [at]).items).toHaveLength(2)
    }
  })
})
