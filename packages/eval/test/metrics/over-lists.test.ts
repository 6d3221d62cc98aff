import { InvalidOptionsError, interactionLists } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate, metrics, parseReport } from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.ts'
import {
  referenceAuc,
  referenceDiversity,
  referenceGini,
  referencePersonalization,
} from '../support/reference.ts'
import { splitOf } from '../support/tiny-split.ts'

const itemCount = 12
const list = fc.uniqueArray(fc.nat(itemCount - 1), { maxLength: itemCount })
const lists = fc.array(list, { maxLength: 6 })
const cutoff = fc.integer({ min: 1, max: 20 })

const expectEqual = (actual: number | undefined, expected: number | undefined): void => {
  if (expected === undefined) expect(actual).toBeUndefined()
  else expect(actual).toBeCloseTo(expected, 12)
}

describe('metrics over all lists', () => {
  it('equal what counting pair by pair gives', () => {
    fc.assert(
      fc.property(lists, cutoff, (own, k) => {
        expectEqual(metrics.gini.of(own, k, itemCount), referenceGini(own, k, itemCount))
        expectEqual(metrics.personalization.of(own, k, itemCount), referencePersonalization(own, k))
      }),
    )
  })

  it('know the extremes', () => {
    const same = [0, 1, 2, 3].map(() => [3])
    expect(metrics.gini.of(same, 1, 4)).toBeCloseTo(0.75, 14)
    expect(metrics.entropy.of(same, 1, 6)).toBe(0)
    expect(metrics.personalization.of(same, 1, 6)).toBe(0)
    const different = [[0], [1], [2], [3]]
    expect(metrics.gini.of(different, 1, 4)).toBe(0)
    expect(metrics.entropy.of(different, 1, 4)).toBe(2)
    expect(metrics.entropyNats.of(different, 1, 4)).toBeCloseTo(Math.log(4), 14)
    expect(metrics.entropyNormalized.of(different, 1, 16)).toBe(0.5)
    expect(metrics.personalization.of(different, 1, 4)).toBe(1)
  })

  it('are undefined without anything to count', () => {
    expect(metrics.gini.of([[]], 1, 4)).toBeUndefined()
    expect(metrics.entropy.of([], 1, 4)).toBeUndefined()
    expect(metrics.personalization.of([[1]], 1, 4)).toBeUndefined()
    expect(metrics.novelty.of([], [1], 1, 1)).toBeUndefined()
    expect(metrics.tailShare.of([], [1], 1)).toBeUndefined()
  })

  it('reject an item that does not exist and a k of 0', () => {
    expect(() => metrics.gini.of([[4]], 1, 4)).toThrow('item index 4; expected 0..3')
    for (const k of [0, -1, 1.5]) {
      expect(() => metrics.entropy.of([[1]], k, 4)).toThrow(InvalidOptionsError)
      expect(() => metrics.novelty.of([0], [1], 1, k)).toThrow(InvalidOptionsError)
      expect(() => metrics.tailShare.of([0], [1], k)).toThrow(InvalidOptionsError)
    }
  })
})

describe('auc', () => {
  it('equals what counting pair by pair gives, ties and masks included', () => {
    const scores = fc.array(fc.integer({ min: -2, max: 2 }), {
      minLength: itemCount,
      maxLength: itemCount,
    })
    fc.assert(
      fc.property(scores, list, list, fc.option(list), (values, relevant, masked, given) => {
        const ascending = (items: readonly number[]) => [...items].sort((a, b) => a - b)
        const all = values.map((_, item) => item)
        const pool = given === null ? undefined : ascending(given)
        const candidates = (pool ?? all).filter((item) => !masked.includes(item))
        expectEqual(
          metrics.auc.of(values, ascending(relevant), ascending(masked), pool),
          referenceAuc(values, relevant, candidates),
        )
      }),
    )
  })
})

describe('intraListDiversity', () => {
  it('equals what comparing pair by pair gives', () => {
    const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 3 })
    const vectors = fc.array(vector, { minLength: itemCount, maxLength: itemCount })
    fc.assert(
      fc.property(vectors, list, cutoff, (rows, own, k) => {
        const values = Float32Array.from(rows.flat())
        expectEqual(
          metrics.intraListDiversity.of(own, { values, dimensions: 3 }, k),
          referenceDiversity(own, rows, k),
        )
      }),
    )
  })

  it('compares training users where no vectors are given', async () => {
    const train = [[0, 1], [1, 2], [0, 2, 3], [3]]
    const split = splitOf({ itemCount: 5, train, test: [[2], [0], [1], [4]] })
    const report = await evaluate(new MatrixRanker(train.map(() => [5, 4, 3, 2, 1])), {
      split,
      on: 'test',
      metrics: ['intraListDiversity@3', 'intraListDiversity@2'],
    })
    const vectors = [0, 1, 2, 3, 4].map((item) => train.map((own) => (own.includes(item) ? 1 : 0)))
    const seen = interactionLists(split.train)
    train.forEach((_, user) => {
      const own = seen.items.subarray(seen.pointers[user], seen.pointers[user + 1])
      const shown = [0, 1, 2, 3, 4].filter((item) => !own.includes(item))
      for (const k of [3, 2]) {
        expect(report.perUser[`intraListDiversity@${k}`][user]).toBeCloseTo(
          referenceDiversity(shown, vectors, k) as number,
          12,
        )
      }
    })
  })
})

describe('metrics that need more than a list', () => {
  // Popularity by training users: item 0 three, item 1 two, items 2, 3 and 4 one, item 5 none.
  const split = splitOf({
    itemCount: 6,
    train: [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 4],
    ],
    test: [[2, 3], [1, 5], [5], []],
  })
  const scores = [
    [9, 8, 1, 5, 6, 4],
    [9, 7, 8, 1, 2, 6],
    [9, 1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5, 6],
  ]
  const judge = (metrics: string[], options: object = {}) =>
    evaluate(new MatrixRanker(scores), { split, on: 'test', metrics, ...options })

  it('count hits that a recommender by popularity would not have found', async () => {
    // At 2, lists are [4 3], [1 5] and [5 4]; the most popular candidates [2 3], [1 3] and [1 2].
    const { metrics } = await judge(['serendipity@2', 'serendipity@1'])
    // Hits: 3 (expected), 1 (expected), 5, 5.
    expect(metrics['serendipity@2']).toBe(2 / 4)
    // At 1, the hits are 1 (expected) and 5.
    expect(metrics['serendipity@1']).toBe(1 / 2)
  })

  it('use the least popular tenth of training items as the tail, at least one', async () => {
    // Of the least popular training items, item 2 comes first; item 5 is not in training.
    const report = await judge(['tailShare@4'])
    expect([...report.perUser['tailShare@4']]).toEqual([1 / 4, 0, 1 / 4])
  })

  it('weigh the areas of users by their relevant items', async () => {
    const report = await judge(['auc', 'gauc', 'recall@2'])
    const candidates = [
      [2, 3, 4, 5],
      [1, 3, 4, 5],
      [1, 2, 4, 5],
    ]
    const relevant = [[2, 3], [1, 5], [5]]
    const areas = relevant.map((own, user) => referenceAuc(scores[user], own, candidates[user])!)
    expect([...report.perUser['auc']]).toEqual(areas)
    expect(report.metrics['gauc']).toBeCloseTo((2 * areas[0] + 2 * areas[1] + areas[2]) / 5, 14)
    expect(report.protocol.ks).toEqual([2])
  })

  it('leave out users for whom they are undefined, and count them', async () => {
    const full = splitOf({ itemCount: 3, train: [[0, 1], [0]], test: [[2], [1]] })
    const report = await evaluate(
      new MatrixRanker([
        [1, 2, 3],
        [1, 2, 3],
      ]),
      {
        split: full,
        on: 'test',
        metrics: ['auc', 'intraListDiversity@2', 'recall@1'],
        itemVectors: { values: Float32Array.of(1, 1, -1), dimensions: 1 },
      },
    )
    // User 0 has one candidate, hence no pair.
    expect([...report.perUser['auc']]).toEqual([Number.NaN, 0])
    expect(report.metrics).toEqual({ auc: 0, 'intraListDiversity@2': 2, 'recall@1': 1 / 2 })
    expect(report.undefinedUsers).toEqual({ auc: 1, 'intraListDiversity@2': 1 })
  })

  it('are named with a reason where they are undefined, and take nothing from the others', async () => {
    const short = await judge(['intraListDiversity@1', 'recall@1'])
    expect(Object.keys(short.metrics)).toEqual(['recall@1'])
    expect(short.undefinedMetrics).toEqual({ 'intraListDiversity@1': 'no list has two items' })
    const missed = await evaluate(new MatrixRanker([[2, 1, 0]]), {
      split: splitOf({ itemCount: 3, train: [[0]], test: [[2]] }),
      on: 'test',
      metrics: ['recall@1', 'serendipity@1', 'personalization@1', 'ndcg@2'],
    })
    expect(missed.metrics).toEqual({ 'recall@1': 0, 'ndcg@2': 1 / Math.log2(3) })
    expect(missed.undefinedMetrics).toEqual({
      'serendipity@1': 'no list has a hit',
      'personalization@1': 'there are fewer than two lists',
    })
    expect(missed.warnings).toContain('serendipity@1 is undefined: no list has a hit.')
    expect(parseReport(JSON.parse(JSON.stringify(missed)))).toEqual(missed)
  })

  it('have a reason for every case in which they are undefined', async () => {
    // The user has had every item, so that the list is empty.
    const asked = Object.values(metrics).map(({ name, hasCutoff }) =>
      hasCutoff === false ? name : `${name}@1`,
    )
    const report = await evaluate(new MatrixRanker([[2, 1]]), {
      split: splitOf({ itemCount: 2, train: [[0, 1]], test: [[0]] }),
      on: 'test',
      metrics: asked,
    })
    const { undefinedMetrics } = report
    expect([...Object.keys(report.metrics), ...Object.keys(undefinedMetrics)].sort()).toEqual(
      [...asked].sort(),
    )
    expect(undefinedMetrics).toMatchObject({
      auc: 'no user has a pair of a relevant and another candidate',
      gauc: 'no user has a pair of a relevant and another candidate',
      'gini@1': 'all lists are empty',
      'entropy@1': 'all lists are empty',
      'novelty@1': 'all lists are empty',
      'averagePopularity@1': 'all lists are empty',
      'tailShare@1': 'all lists are empty',
      'popularityLift@1': 'no ranked user has both training items and a list',
    })
    for (const reason of Object.values(undefinedMetrics)) expect(reason).not.toMatch(/^it /)
  })

  it('reject vectors that are not one finite row per item', async () => {
    const metrics = ['intraListDiversity@2']
    for (const [itemVectors, message] of [
      [{ values: new Float32Array(7), dimensions: 2 }, 'got 7 values in rows of 2; expected 12'],
      [{ values: [1, 2], dimensions: 1 }, 'itemVectors.values: got'],
      [{ values: new Float32Array(6), dimensions: 0 }, 'itemVectors.dimensions: got 0'],
      [
        { values: Float32Array.of(1, 1, 1, Number.NaN, 1, 1), dimensions: 1 },
        'got NaN in the row of item index 3',
      ],
    ] as const) {
      await expect(judge(metrics, { itemVectors })).rejects.toThrow(message)
    }
  })
})
