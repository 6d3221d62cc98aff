import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metrics } from '../../src/index.js'
import { referenceCoverage, referenceMetrics } from '../support/reference.ts'

const formulas = {
  recall: metrics.recall.of,
  precision: metrics.precision.of,
  hit: metrics.hit.of,
  mrr: metrics.mrr.of,
  ndcg: metrics.ndcg.of,
  recallCapped: metrics.recallCapped.of,
  f1: metrics.f1.of,
  'map(min)': metrics.mapMin.of,
  'map(rel)': metrics.mapRel.of,
} satisfies Record<string, typeof metrics.recall.of>
const names = Object.keys(formulas) as (keyof typeof formulas)[]

const itemCount = 24
const distinctItems = (minLength: number) =>
  fc.uniqueArray(fc.nat(itemCount - 1), { minLength, maxLength: itemCount })
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

describe.each(names)('%s', (name) => {
  const metric = formulas[name]

  it('equals the plain definition for any list, relevant items and k', () => {
    fc.assert(
      fc.property(
        distinctItems(0),
        distinctItems(1),
        fc.integer({ min: 1, max: 40 }),
        (list, relevantItems, k) => {
          const relevant = sorted(relevantItems)
          const value = metric(Int32Array.from(list), Int32Array.from(relevant), k)
          expect(value).toBeCloseTo(referenceMetrics[name](list, relevant, k), 13)
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1 + 1e-12)
        },
      ),
    )
  })

  it('gives 0 for an empty list and for a list without hits', () => {
    expect(metric([], [1, 2], 5)).toBe(0)
    expect(metric([0, 3, 4], [1, 2], 3)).toBe(0)
  })

  it('ignores what is behind place k', () => {
    expect(metric([7, 8, 1, 2], [1, 2], 2)).toBe(0)
  })

  it('rejects a k that is not an integer of at least 1', () => {
    for (const k of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => metric([1], [1], k)).toThrow(`k: got ${k}; expected an integer of at least 1`)
    }
  })

  it('rejects a user without relevant items', () => {
    expect(() => metric([1], [], 1)).toThrow('relevant: got an empty list')
  })

  it('rejects repeated items, and relevant items out of order', () => {
    expect(() => metric([1, 2, 1], [1], 3)).toThrow('list: got the item 1 twice')
    expect(metric([1, 2, 1], [1], 2)).toBeGreaterThan(0)
    expect(() => metric([1, 2], [1, 1], 2)).toThrow('relevant: got 1 after 1')
    expect(() => metric([1, 2], [2, 1], 2)).toThrow('relevant: got 1 after 2')
  })
})

describe('hand-worked values', () => {
  const relevant = [0, 1, 2, 3, 4, 5, 6]
  const list = [0, 9, 1, 8, 2]

  it('separates recall, precision and the ideal cut at k', () => {
    expect(metrics.recall.of(list, relevant, 5)).toBeCloseTo(3 / 7, 14)
    expect(metrics.precision.of(list, relevant, 5)).toBeCloseTo(3 / 5, 14)
    expect(metrics.ndcg.of(list, relevant, 5)).toBeCloseTo(0.6399453854, 10)
    expect(metrics.recallCapped.of(list, relevant, 5)).toBeCloseTo(0.6, 14)
    expect(metrics.mapMin.of(list, relevant, 5)).toBeCloseTo(0.4533333333, 9)
    expect(metrics.mapRel.of(list, relevant, 5)).toBeCloseTo(0.3238095238, 9)
    expect(metrics.mrr.of(list, relevant, 5)).toBe(1)
    expect(metrics.mrr.of([9, 8, 2], relevant, 3)).toBe(1 / 3)
    expect(metrics.hit.of([9, 8, 2], relevant, 3)).toBe(1)
  })

  it('averages four users to the values that other libraries print', () => {
    const users = [
      { list: [3, 1, 4, 7, 6], relevant: [3, 4, 7] },
      { list: [7, 4, 2, 0, 3], relevant: [0, 1, 2] },
      { list: [0, 2, 7, 4, 5], relevant: [0, 3, 6] },
      { list: [6, 0, 1, 2, 4], relevant: [3] },
    ]
    const mean = (metric: typeof metrics.recall.of): number =>
      users.reduce((sum, user) => sum + metric(user.list, user.relevant, 5), 0) / users.length
    expect(mean(metrics.recall.of)).toBeCloseTo(0.5, 12)
    expect(mean(metrics.precision.of)).toBeCloseTo(0.3, 12)
    expect(mean(metrics.hit.of)).toBe(0.75)
    expect(mean(metrics.ndcg.of)).toBeCloseTo(0.4530127178, 10)
    expect(mean(metrics.mrr.of)).toBeCloseTo(0.5833333333, 10)
  })
})

describe('coverage', () => {
  it('equals the plain definition', () => {
    fc.assert(
      fc.property(
        fc.array(distinctItems(0), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        (lists, k) => {
          expect(metrics.coverage.of(lists, k, itemCount)).toBe(
            referenceCoverage(lists, k, itemCount),
          )
        },
      ),
    )
  })

  it('rejects an item that does not exist, a k and an item count out of range', () => {
    expect(() => metrics.coverage.of([[0, 5]], 2, 5)).toThrow('item index 5; expected 0..4')
    expect(() => metrics.coverage.of([[0]], 0, 5)).toThrow('k: got 0')
    expect(() => metrics.coverage.of([], 1, 0)).toThrow('itemCount: got 0')
  })
})
