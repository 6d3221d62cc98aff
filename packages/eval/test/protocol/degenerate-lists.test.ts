import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/index.js'
import { MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

describe('evaluate on degenerate lists', () => {
  const judge = async (rows: readonly number[][], k: number) => {
    const users = rows.map(() => [0])
    const judged = splitOf({ itemCount: rows[0].length, train: users, test: rows.map(() => [1]) })
    return evaluate(new MatrixRanker(rows), { split: judged, on: 'test', metrics: [`recall@${k}`] })
  }
  const distinct = Array.from({ length: 21 }, (_, item) => item)
  // The 20 candidates are items 1..20; the score 5 is at rank 3.
  const sharing = (count: number): number[] =>
    distinct.map((item) => (item === 0 ? 5 : item <= 2 ? 9 : item <= 2 + count ? 5 : -item))

  it('flags a ranker that gives every item the same score', async () => {
    const report = await judge([distinct.map(() => 0), distinct.map(() => 1)], 5)
    expect(report.degenerateShare).toBe(1)
    expect(report.flags).toEqual(['degenerate'])
  })

  it('calls a list degenerate above 10 % of the candidates, not at 10 %', async () => {
    expect((await judge([sharing(2)], 3)).degenerateShare).toBe(0)
    expect((await judge([sharing(3)], 3)).degenerateShare).toBe(1)
  })

  it('looks at ties at the end of the list only', async () => {
    expect((await judge([sharing(3)], 6)).degenerateShare).toBe(0)
  })

  it('does not count one of few candidates as a tie', async () => {
    expect((await judge([[0, 3, 2, 1]], 2)).degenerateShare).toBe(0)
  })

  it('judges the last place where there are fewer candidates than k', async () => {
    expect((await judge([[0, 3, 1, 1]], 4)).degenerateShare).toBe(1)
    expect((await judge([[0, 3, 2, 1]], 4)).degenerateShare).toBe(0)
  })

  it('flags more than 1 % of the lists, not 1 %', async () => {
    const rows = (degenerate: number): number[][] =>
      Array.from({ length: 100 }, (_, user) => (user < degenerate ? sharing(3) : sharing(1)))
    expect(await judge(rows(1), 3)).toMatchObject({ degenerateShare: 0.01, flags: [] })
    expect(await judge(rows(2), 3)).toMatchObject({ degenerateShare: 0.02, flags: ['degenerate'] })
  })
})
