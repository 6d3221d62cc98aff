import { InvalidOptionsError, NonFiniteError, Rng, topK } from '@gnnrec/graph'
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
    // Long enough for the best to be sorted out more than once.
    fc.array(fewValues, { minLength: 300, maxLength: 900 }),
    fc.array(fc.float({ noNaN: true }), { minLength: 300, maxLength: 900 }),
  )
  .map((scores) => Float32Array.from(scores))

describe('topK', () => {
  it('equals a sort by score and then by index, ties and exclusions included', () => {
    const cases = scoreLists.chain((scores) =>
      fc.record({
        scores: fc.constant(scores),
        k: fc
          .oneof(fc.integer({ min: 1, max: scores.length }), fc.constantFrom(1, 2, 3))
          .map((k) => Math.min(k, scores.length)),
        exclude: fc.subarray(Array.from(scores.keys())),
      }),
    )
    fc.assert(
      fc.property(cases, ({ scores, k, exclude }) => {
        const best = topK(scores, k, exclude)
        expect([...best.items]).toEqual(reference(scores, k, exclude))
        expect([...best.scores]).toEqual(Array.from(best.items, (item) => scores[item]))
        const last = best.scores.at(-1)
        const sharing = [...scores.keys()].filter(
          (item) => scores[item] === last && !exclude.includes(item) && !best.items.includes(item),
        )
        expect(best.tied).toBe(sharing.length)
      }),
      { numRuns: 500 },
    )
  })

  it('prefers the lower index when all scores are equal', () => {
    expect([...topK(new Float32Array(50), 4, [1]).items]).toEqual([0, 2, 3, 4])
  })

  it('finds the best of long lists that rise, fall, or are drawn', () => {
    const rng = Rng.fromSeed(4)
    const lists = [
      (item: number) => item,
      (item: number) => -item,
      (item: number) => (item * 7919) % 101,
      () => rng.normal(),
      (item: number) => Math.min(item, 300),
    ].map((score) => Float32Array.from({ length: 20_000 }, (_, item) => score(item)))
    for (const scores of lists) {
      for (const k of [1, 50, 300]) {
        const { items, tied } = topK(scores, k, [0, 5, 17_000])
        const order = [...scores.keys()]
          .filter((item) => ![0, 5, 17_000].includes(item))
          .sort((a, b) => scores[b] - scores[a] || a - b)
        expect([...items]).toEqual(order.slice(0, k))
        const last = scores[order[k - 1]]
        expect(tied).toBe(order.slice(k).filter((item) => scores[item] === last).length)
      }
    }
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
    for (const at of [3, 9, 400, 998]) {
      const scores = Float32Array.from({ length: 1000 }, (_, item) => item)
      scores[at] = Number.NaN
      expect(() => topK(scores, 2)).toThrow(`item index ${at}`)
      expect([...topK(scores, 2, [at]).items]).toEqual(at === 998 ? [999, 997] : [999, 998])
    }
    for (const at of [0, 3, 5]) {
      const scores = Float32Array.of(6, 5, 4, 3, 2, 1)
      scores[at] = Number.NaN
      expect(() => topK(scores, 2)).toThrow(NonFiniteError)
      expect(() => topK(scores, 2)).toThrow(`item index ${at}`)
      expect(topK(scores, 2, [at]).items).toHaveLength(2)
    }
  })
})
