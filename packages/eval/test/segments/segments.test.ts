import { describe, expect, it } from 'vitest'
import { evaluate, parseReport } from '../../src/index.js'
import { Buckets, bucketsOf } from '../../src/segments/buckets.js'
import { MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

// Users have 0, 1, 2, 3 and 4 training items; items 4, 3, 2, 1 and 0 training users.
const split = splitOf({
  itemCount: 5,
  train: [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3]],
  test: [[0, 3], [1, 2], [3], [4], [4]],
})
const scores = [
  [5, 4, 3, 2, 1],
  [5, 4, 3, 2, 1],
  [1, 2, 3, 4, 5],
  [1, 2, 3, 5, 4],
  [1, 1, 1, 1, 1],
]
const judge = (segments: unknown, metrics = ['recall@2', 'coverage@2']) =>
  evaluate(new MatrixRanker(scores), { split, on: 'test', metrics, segments: segments as never })

describe('segments', () => {
  it('tell warm users from cold ones', async () => {
    const { segments, metrics } = await judge(['user-warmth'])
    // Lists: [0 1], [1 2], [4 3], [3 4], [4].
    expect(segments['user-warmth']).toEqual([
      { name: 'warm', users: 4, metrics: { 'recall@2': 1, 'coverage@2': 4 / 5 } },
      { name: 'cold', users: 1, metrics: { 'recall@2': 1 / 2, 'coverage@2': 2 / 5 } },
    ])
    expect(metrics['recall@2']).toBe((4 + 1 / 2) / 5)
  })

  it('tell users apart by their training items', async () => {
    const { segments } = await judge([{ by: 'user-activity', edges: [1, 3, 10] }])
    expect(segments['user-activity']).toEqual([
      { name: '0', from: 0, to: 0, users: 1, metrics: { 'recall@2': 1 / 2, 'coverage@2': 2 / 5 } },
      { name: '1-2', from: 1, to: 2, users: 2, metrics: { 'recall@2': 1, 'coverage@2': 4 / 5 } },
      { name: '3-9', from: 3, to: 9, users: 2, metrics: { 'recall@2': 1, 'coverage@2': 2 / 5 } },
      { name: '10 up', from: 10, users: 0, metrics: { 'coverage@2': 0 } },
    ])
  })

  it('tell relevant items apart by their training users, for metrics that look at them', async () => {
    const { segments } = await judge([{ by: 'item-popularity', edges: [1, 3] }])
    expect(segments['item-popularity']).toEqual([
      // Item 4 is relevant to users 3 and 4, who find it.
      {
        name: '0',
        from: 0,
        to: 0,
        users: 2,
        items: 1,
        recommendedShare: 3 / 9,
        relevantShare: 2 / 7,
        metrics: { 'recall@2': 1 },
      },
      // Items 2 and 3: user 0 misses 3, user 1 finds 2, user 2 finds 3.
      {
        name: '1-2',
        from: 1,
        to: 2,
        users: 3,
        items: 2,
        recommendedShare: 3 / 9,
        relevantShare: 3 / 7,
        metrics: { 'recall@2': 2 / 3 },
      },
      // Items 0 and 1: user 0 finds 0, user 1 finds 1.
      {
        name: '3 up',
        from: 3,
        users: 2,
        items: 2,
        recommendedShare: 3 / 9,
        relevantShare: 2 / 7,
        metrics: { 'recall@2': 1 },
      },
    ])
  })

  it('have means that add up to the whole', async () => {
    const { segments, metrics } = await judge(['user-activity'], ['recall@2', 'mrr@2'])
    const own = segments['user-activity'] ?? []
    expect(own.reduce((sum, { users }) => sum + users, 0)).toBe(5)
    for (const name of ['recall@2', 'mrr@2']) {
      const sum = own.reduce((total, segment) => total + segment.users * segment.metrics[name], 0)
      expect(sum / 5).toBeCloseTo(metrics[name], 14)
    }
  })

  it('go through JSON', async () => {
    const report = await judge(['user-warmth', 'item-popularity'])
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it.each([
    [['user-age'], 'segments.0: got "user-age"; expected'],
    [[{ by: 'user-activity', edges: [] }], 'segments.0'],
    [[{ by: 'user-activity', edges: [3, 2] }], 'segments.0'],
    [[{ by: 'user-activity', edges: [0] }], 'segments.0'],
    [[{ by: 'user-warmth', edges: [1] }], 'segments.0'],
    [['user-activity', { by: 'user-activity', edges: [3] }], "'user-activity' is listed twice"],
  ])('reject %j', async (segments, message) => {
    await expect(judge(segments)).rejects.toThrow(message)
  })
})

describe('bucketsOf', () => {
  it('cuts counts into quarters and keeps equal ones together', () => {
    expect(bucketsOf('user-activity', [1, 2, 3, 4, 5, 6, 7, 8]).edges).toEqual([3, 5, 7])
    expect(bucketsOf('user-activity', [4, 4, 4, 4, 4, 9]).edges).toEqual([4])
    expect(bucketsOf('user-activity', [0, 0, 0, 0]).edges).toEqual([])
    expect(bucketsOf('user-activity', []).edges).toEqual([])
  })

  it('gives each count one bucket', () => {
    const buckets = new Buckets([2, 5])
    expect([0, 1, 2, 4, 5, 100].map((count) => buckets.indexOf(count))).toEqual([0, 0, 1, 1, 2, 2])
    expect(new Buckets([]).describe(0)).toEqual({ name: '0 up', from: 0 })
  })
})
