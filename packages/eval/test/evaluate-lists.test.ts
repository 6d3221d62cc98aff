import { describe, expect, it } from 'vitest'
import {
  compareReports,
  EmptySplitError,
  evaluate,
  evaluateLists,
  InvalidRankingError,
} from '../src/index.js'
import { MatrixRanker } from './support/rankers.ts'
import { splitOf } from './support/tiny-split.ts'

const split = splitOf({
  itemCount: 6,
  train: [[0], [1, 2], [0], [5]],
  validation: [[1], [], [3], []],
  test: [[2, 4], [0], [], [3]],
})
const lists = [
  { user: 'u0003', items: [4, 3, 0] },
  { user: 'u0000', items: [2, 3, 4, 5], scores: Float32Array.of(4, 3, 2, 1) },
  { user: 'u0001', items: [5] },
  { user: 'u0002', items: [1] },
]
const options = { split, on: 'test', metrics: ['recall@2', 'mrr@3', 'coverage@1'] } as const

describe('evaluateLists', () => {
  it('judges lists from elsewhere, short, long and in any order', () => {
    const report = evaluateLists(lists, options)
    expect([...report.userIndices]).toEqual([0, 1, 3])
    expect([...report.perUser['recall@2']]).toEqual([1 / 2, 0, 1])
    expect([...report.perUser['mrr@3']]).toEqual([1, 0, 1 / 2])
    expect(report.metrics['coverage@1']).toBe(3 / 6)
    expect(report.protocol.tieRule).toBe('as given')
    expect(report.flags).toEqual(['ties-unknown'])
  })

  it('gives the numbers that evaluate gives for the same lists', async () => {
    const scores = [0, 1, 2, 3].map((user) =>
      [5, 4, 3, 2, 1, 0].map((s, i) => (s * 7 + user * i) % 11),
    )
    const ranker = new MatrixRanker(scores)
    const metrics = ['recall@2', 'ndcg@3', 'novelty@3', 'gini@2', 'personalization@3']
    const segments = ['user-activity', 'item-popularity'] as const
    const ranked = await evaluate(ranker, { split, on: 'test', metrics, segments })
    const masked = [[0, 1], [1, 2], [0, 3], [5]]
    const made = scores.map((row, user) => ({
      user: `u000${user}`,
      items: row
        .map((score, item) => ({ score, item }))
        .filter(({ item }) => !masked[user].includes(item))
        .sort((a, b) => b.score - a.score || a.item - b.item)
        .map(({ item }) => item)
        .slice(0, 3),
    }))
    const judged = evaluateLists(made, { split, on: 'test', metrics, segments })
    expect(judged.metrics).toEqual(ranked.metrics)
    expect(judged.segments).toEqual(ranked.segments)
    expect(() => compareReports(judged, ranked)).toThrow('tieRule')
    expect(compareReports(judged, ranked, { ignore: ['tieRule'] }).users).toBe(3)
  })

  it('judges a missing list as empty with missingLists: empty', () => {
    const some = lists.filter(({ user }) => user !== 'u0001')
    expect(() => evaluateLists(some, options)).toThrow(
      'User "u0001" has relevant items but no list',
    )
    const report = evaluateLists(some, { ...options, missingLists: 'empty' })
    expect([...report.perUser['recall@2']]).toEqual([1 / 2, 0, 1])
    expect(evaluateLists(some, { ...options, users: ['u0000'] }).metrics['recall@2']).toBe(1 / 2)
  })
})

describe('evaluateLists on bad input', () => {
  const withList = (list: object) => () =>
    evaluateLists([...lists.slice(1), list as never], options)

  it.each([
    [{ user: 'u0003', items: [4, 99] }, 'The list of User "u0003" holds 99, which is no item'],
    [
      { user: 'u0003', items: [4, '3'] },
      'holds "3", which is no item of the split, whose ids are numbers',
    ],
    [{ user: 'u0003', items: [4, 3, 4] }, 'The list of User "u0003" holds 4, twice'],
    [
      { user: 'u0003', items: [4, 5] },
      'The list of User "u0003" holds 5, which the user had before',
    ],
    [{ user: 'u0000', items: [4] }, 'User "u0000" has two lists'],
    [{ user: 'eve', items: [4] }, 'the user "eve", who is not in the split'],
    [{ user: 3, items: [4] }, 'whose ids are strings'],
  ])('rejects %j', (list, message) => {
    expect(withList(list)).toThrow(InvalidRankingError)
    expect(withList(list)).toThrow(message)
  })

  it('rejects things that are no list, metrics that need scores, and an empty part', () => {
    expect(withList({ user: 'u0003' })).toThrow('expected { user, items: array of ids }')
    expect(() => evaluateLists(lists, { ...options, metrics: ['auc'] })).toThrow(
      "'auc' needs the scores of all candidates",
    )
    expect(() => evaluateLists(lists, { ...options, metrics: ['recall@7'] })).toThrow(
      'but there are 6',
    )
    expect(() => evaluateLists(lists, { ...options, blockSize: 3 } as never)).toThrow(
      "unknown option 'blockSize'",
    )
    const empty = splitOf({ itemCount: 2, train: [[0]] })
    expect(() => evaluateLists([], { ...options, split: empty, metrics: ['hit@1'] })).toThrow(
      EmptySplitError,
    )
  })

  it('checks lists of users with nothing relevant, too', () => {
    expect(withList({ user: 'u0002', items: [0] })).toThrow('User "u0002" has two lists')
    const others = lists.slice(0, 3)
    expect(() => evaluateLists([...others, { user: 'u0002', items: [0] }], options)).toThrow(
      'which the user had before',
    )
  })

  it('takes a masked item where nothing is masked', () => {
    const shown = [{ user: 'u0003', items: [5, 3] }, ...lists.slice(1)]
    expect(evaluateLists(shown, { ...options, mask: 'none' }).perUser['recall@2'][2]).toBe(1)
  })
})
