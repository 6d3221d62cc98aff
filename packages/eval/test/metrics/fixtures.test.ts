import { interactionLists, topK } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  coverageAtK,
  evaluate,
  hitAtK,
  mrrAtK,
  ndcgAtK,
  precisionAtK,
  recallAtK,
} from '../../src/index.js'
import { metricFixtureNames, readMetricFixture } from '../support/metric-fixtures.ts'
import { MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

const perUserMetrics = [
  ['recall', recallAtK],
  ['ndcg', ndcgAtK],
  ['precision', precisionAtK],
  ['hitRate', hitAtK],
  ['mrr', mrrAtK],
] as const

function expectExact(actual: number, expected: number): void {
  expect(Math.abs(actual - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(1e-12)
}

describe.each(metricFixtureNames)('metric fixture %s', (name) => {
  const fixture = readMetricFixture(name)
  const { expected, items, kValues } = fixture
  const split = splitOf({ itemCount: items, train: fixture.train, test: fixture.test })
  const seen = interactionLists(split.train)
  const relevant = interactionLists(split.test)
  const rowOf = ({ pointers, items: columns }: typeof seen, user: number): Int32Array =>
    columns.subarray(pointers[user], pointers[user + 1])
  const lists = fixture.scores.map((scores, user) =>
    Array.from(topK(scores, Math.min(50, items), rowOf(seen, user)).items),
  )
  const evaluated = expected.evaluatedUsers

  it('gives the expected top-k lists', () => {
    const full = expected.topItems
    if (full) expect(lists).toEqual(full)
    else {
      const first = expected.topItemsFirst20Users ?? []
      expect(first).toHaveLength(20)
      expect(first.map((list, user) => lists[user].slice(0, list.length))).toEqual(first)
    }
  })

  it.each(kValues)('gives the expected values at %i from the functions alone', (k) => {
    const at = expected.atK[k]
    for (const [key, metric] of perUserMetrics) {
      const values = evaluated.map((user) => metric(lists[user], rowOf(relevant, user), k))
      expectExact(values.reduce((sum, value) => sum + value, 0) / values.length, at[key])
      const perUser = at.perUser?.[key as 'recall' | 'ndcg' | 'mrr']
      perUser?.forEach((value, position) => {
        expectExact(values[position], value)
      })
    }
    const evaluatedLists = evaluated.map((user) => lists[user])
    expectExact(coverageAtK(evaluatedLists, k, items), at.evaluatedUsers.coverage)
    expectExact(coverageAtK(lists, k, items), at.allUsers.coverage)
  })

  it('gives the expected values through evaluate', async () => {
    const ks = kValues.filter((k) => k <= items)
    const names = ['recall', 'ndcg', 'precision', 'hit', 'mrr', 'coverage']
    const report = await evaluate(new MatrixRanker(fixture.scores), {
      split,
      on: 'test',
      metrics: ks.flatMap((k) => names.map((metric) => `${metric}@${k}`)),
    })
    expect([...report.userIndices]).toEqual(evaluated)
    expect(report.protocol.usersEvaluated).toBe(evaluated.length)
    expect(report.protocol.usersWithoutRelevant).toBe(fixture.users - evaluated.length)
    for (const k of ks) {
      const at = expected.atK[k]
      for (const metric of ['recall', 'ndcg', 'precision', 'mrr'] as const) {
        expectExact(report.metrics[`${metric}@${k}`], at[metric])
      }
      expectExact(report.metrics[`hit@${k}`], at.hitRate)
      expectExact(report.metrics[`coverage@${k}`], at.evaluatedUsers.coverage)
      for (const metric of ['recall', 'ndcg', 'mrr'] as const) {
        at.perUser?.[metric].forEach((value, position) => {
          expectExact(report.perUser[`${metric}@${k}`][position], value)
        })
      }
    }
  })
})
