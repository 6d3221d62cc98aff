import { BipartiteGraph, fromRecords } from '@gnnrec/graph'
import { EmbeddingRecommender } from '@gnnrec/serving'
import { describe, expect, it } from 'vitest'
import { correlation, ranksOf } from '../src/compare/rank-correlation.js'
import { compareRankings } from '../src/compare/rankings.js'

/** Users 0 and 1, items 0 to 4; user 0 has items 2 to 4 in training, user 1 items 0 and 1. */
const graph = BipartiteGraph.fromInteractions(
  fromRecords([
    { user: 0, item: 4 },
    { user: 1, item: 0 },
    { user: 1, item: 1 },
    { user: 0, item: 2 },
    { user: 0, item: 3 },
  ]),
)

/** Makes a recommender that gives each user these scores. */
function scoring(...scores: readonly (readonly number[])[]): EmbeddingRecommender {
  const { users, items, interactions } = graph
  return new EmbeddingRecommender({
    users,
    items,
    seen: interactions,
    embeddingDim: 2,
    userEmbeddings: Float32Array.of(1, 0, 0, 1),
    itemEmbeddings: Float32Array.from(scores[0].flatMap((score, item) => [score, scores[1][item]])),
    origin: { architecture: 'Test', options: {}, splitHash: null },
  })
}

describe('compareRankings', () => {
  it('finds a recommender identical to itself and opposite to its reverse', () => {
    const scores = [
      [5, 4, 3, 2, 1],
      [1, 2, 3, 5, 4],
    ]
    const reverse = scores.map((row) => row.map((score) => -score))
    const comparison = compareRankings(
      [scoring(...scores), scoring(...scores), scoring(...reverse)],
      1,
    )
    expect(comparison.pairs.map(({ pair }) => pair)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ])
    expect(comparison.pairs.map(({ overlap }) => overlap)).toEqual([1, 0, 0])
    const correlations = comparison.pairs.map(({ rankCorrelation }) => rankCorrelation)
    for (const [place, expected] of [1, -1, -1].entries())
      expect(correlations[place]).toBeCloseTo(expected, 12)
  })

  it('leaves out items of the training part', () => {
    // The two differ only in the items of the training part.
    const a = scoring([3, 2, 9, 9, 9], [9, 9, 3, 2, 1])
    const b = scoring([3, 2, -9, -9, -9], [-9, -9, 3, 2, 1])
    const { pairs } = compareRankings([a, b], 1)
    expect(pairs[0].overlap).toBe(1)
    expect(pairs[0].rankCorrelation).toBeCloseTo(1, 12)
  })

  it('measures the overlap of lists that are shorter than k by their length', () => {
    const a = scoring([3, 2, 1, 1, 1], [1, 1, 3, 2, 1])
    expect(compareRankings([a, a], 5).pairs[0].overlap).toBe(1)
  })

  it('averages the overlap over users', () => {
    const a = scoring([2, 1, 0, 0, 0], [0, 0, 2, 1, 0])
    const b = scoring([1, 2, 0, 0, 0], [0, 0, 2, 1, 0])
    expect(compareRankings([a, b], 1).pairs[0].overlap).toBe(0.5)
  })

  it('counts one list for a ranking that is the same for all users', () => {
    const same = scoring([5, 4, 3, 2, 1], [5, 4, 3, 2, 1])
    const own = scoring([5, 4, 3, 2, 1], [1, 2, 3, 4, 5])
    expect(compareRankings([same, own], 2).distinctLists).toEqual([1, 2])
  })
})

describe('ranksOf', () => {
  it('gives equal values the mean of their ranks', () => {
    expect([...ranksOf(Float32Array.of(3, 1, 2, 1, 3, 3))]).toEqual([4, 0.5, 2, 0.5, 4, 4])
  })
})

describe('correlation', () => {
  it('equals a value computed by hand', () => {
    const a = ranksOf(Float32Array.of(10, 20, 30, 40, 50))
    const b = ranksOf(Float32Array.of(2, 1, 4, 3, 5))
    // 1 - 6 Σ d² / (n (n² - 1)) with Σ d² = 4 and n = 5.
    expect(correlation(a, b)).toBeCloseTo(0.8, 12)
  })

  it('is 0 when one side is constant', () => {
    expect(correlation(new Float64Array(3), Float64Array.of(0, 1, 2))).toBe(0)
  })
})
