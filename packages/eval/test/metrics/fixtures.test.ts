import { interactionLists, topK } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import { evaluate, metrics } from '../../src/index.js'
import {
  type BeyondAccuracy,
  metricFixtureNames,
  readMetricFixture,
} from '../support/metric-fixtures.ts'
import { MatrixRanker } from '../support/rankers.ts'
import { splitOf } from '../support/tiny-split.ts'

const perUserMetrics = [
  ['recall', 'recall', metrics.recall.of],
  ['recallMin', 'recallCapped', metrics.recallCapped.of],
  ['ndcg', 'ndcg', metrics.ndcg.of],
  ['precision', 'precision', metrics.precision.of],
  ['hitRate', 'hit', metrics.hit.of],
  ['mrr', 'mrr', metrics.mrr.of],
  ['map', 'map(rel)', metrics.mapRel.of],
  ['mapMin', 'map(min)', metrics.mapMin.of],
] as const satisfies [string, string, typeof metrics.recall.of][]

/** Their keys and our names, of what is computed from lists alone. */
const beyondAccuracy = [
  ['coverage', 'coverage'],
  ['gini', 'gini'],
  ['entropyBits', 'entropy'],
  ['entropyNormalized', 'entropy(normalized)'],
  ['noveltyInteractions', 'novelty'],
  ['noveltyUsers', 'novelty(users)'],
  ['averagePopularity', 'averagePopularity'],
  ['averagePopularityLift', 'popularityLift'],
  ['intraListDiversity', 'intraListDiversity'],
] as const satisfies [keyof BeyondAccuracy, string][]

function expectExact(actual: number | undefined, expected: number | null): void {
  if (expected === null) {
    expect(actual).toBeUndefined()
    return
  }
  const bound = 1e-12 * Math.max(1, Math.abs(expected))
  expect(Math.abs(Number(actual) - expected), `${actual} is not ${expected}`).toBeLessThanOrEqual(
    bound,
  )
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const defined = values.filter((value) => value !== undefined)
  if (defined.length === 0) return undefined
  return defined.reduce((sum, value) => sum + value, 0) / defined.length
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
    Array.from(topK(scores, items, rowOf(seen, user)).items),
  )
  const evaluated = expected.evaluatedUsers
  const itemVectors = {
    values: Float64Array.from(fixture.itemVectors.flat()),
    dimensions: fixture.itemVectors[0].length,
  }

  it('gives the expected top-k lists', () => {
    const full = expected.topItems ?? expected.topItemsFirst20Users ?? []
    expect(full.length).toBeGreaterThanOrEqual(Math.min(20, fixture.users))
    expect(full.map((list, user) => lists[user].slice(0, list.length))).toEqual(full)
    if (!expected.topItems) return
    expect(full.map((list) => list.length)).toEqual(lists.map((list) => Math.min(list.length, 50)))
  })

  it.each(kValues)('gives the expected values at %i from the functions alone', (k) => {
    const at = expected.atK[k]
    for (const [key, , metric] of perUserMetrics) {
      const values = evaluated.map((user) => metric(lists[user], rowOf(relevant, user), k))
      expectExact(meanOf(values), at[key])
      at.perUser?.[key as 'recall']?.forEach((value, position) => {
        expectExact(values[position], value)
      })
    }
    const pairs = seen.items.length
    const { popularity } = expected
    for (const [users, values] of [
      [evaluated, at.evaluatedUsers],
      [lists.map((_, user) => user), at.allUsers],
    ] as const) {
      const own = users.map((user) => lists[user])
      const mean = (metric: (list: number[]) => number | undefined) => meanOf(own.map(metric))
      expectExact(metrics.coverage.of(own, k, items), values.coverage)
      expectExact(metrics.gini.of(own, k, items), values.gini)
      expectExact(metrics.entropy.of(own, k, items), values.entropyBits)
      expectExact(metrics.entropyNormalized.of(own, k, items), values.entropyNormalized)
      expectExact(
        mean((list) => metrics.novelty.of(list, popularity, pairs, k)),
        values.noveltyInteractions,
      )
      expectExact(
        mean((list) => metrics.novelty.of(list, popularity, fixture.users, k)),
        values.noveltyUsers,
      )
      expectExact(
        mean((list) => metrics.averagePopularity.of(list, popularity, k)),
        values.averagePopularity,
      )
      expectExact(
        mean((list) => metrics.intraListDiversity.of(list, itemVectors, k)),
        values.intraListDiversity,
      )
    }
  })

  it('gives the expected values without a cut-off', () => {
    const { full } = expected
    for (const [key, metric] of [
      ['map', metrics.mapRel.of],
      ['mrr', metrics.mrr.of],
      ['ndcg', metrics.ndcg.of],
    ] as const satisfies [string, typeof metrics.recall.of][]) {
      const values = evaluated.map((user) => metric(lists[user], rowOf(relevant, user), items))
      expectExact(meanOf(values), full[key])
      full.perUser?.[key].forEach((value, position) => {
        expectExact(values[position], value)
      })
    }
  })

  it('gives the expected values through evaluate', async () => {
    const ks = kValues.filter((k) => k <= items)
    const names = [...perUserMetrics.map(([, metric]) => metric), 'pooledRecall']
    const report = await evaluate(new MatrixRanker(fixture.scores), {
      split,
      on: 'test',
      metrics: ks.flatMap((k) => [
        ...names.map((metric) => `${metric}@${k}`),
        ...beyondAccuracy.flatMap(([key, metric]) =>
          expected.atK[k].evaluatedUsers[key] === null ? [] : `${metric}@${k}`,
        ),
      ]),
      itemVectors,
    })
    expect([...report.userIndices]).toEqual(evaluated)
    expect(report.protocol.usersEvaluated).toBe(evaluated.length)
    expect(report.protocol.usersWithoutRelevant).toBe(fixture.users - evaluated.length)
    for (const k of ks) {
      const at = expected.atK[k]
      expectExact(report.metrics[`pooledRecall@${k}`], at.pooledRecall)
      for (const [key, metric] of perUserMetrics) {
        expectExact(report.metrics[`${metric}@${k}`], at[key])
        at.perUser?.[key as 'recall']?.forEach((value, position) => {
          expectExact(report.perUser[`${metric}@${k}`][position], value)
        })
      }
      for (const [key, metric] of beyondAccuracy) {
        expectExact(report.metrics[`${metric}@${k}`], at.evaluatedUsers[key] as number)
      }
    }
  })
})
