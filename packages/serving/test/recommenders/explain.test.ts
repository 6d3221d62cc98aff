import { InvalidOptionsError, NonFiniteError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type Explanation,
  ItemSimilarityRecommender,
  NotSupportedError,
} from '../../src/index.js'
import { common, embeddings, recommenderArbitrary } from '../support/recommenders.js'

/** Place (j, i): what having met j adds to the score of i. */
const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
const recommender = new ItemSimilarityRecommender({ ...common, weights })
const propagated = {
  ...embeddings,
  foldIn: { convention: 'propagated', regularization: 1 } as const,
  foldInTensors: new Map([
    ['items', { shape: [4, 2], data: Float32Array.of(0.5, 1, -1, 0.25, 0.3, 0.1, 2, -0.5) }],
  ]),
}

const sumOf = ({ contributions, remainder }: Explanation) =>
  contributions.reduce((sum, { contribution }) => sum + contribution, remainder)

describe('explain', () => {
  it('takes the score of a user apart, the largest contribution first', () => {
    expect(recommender.explain('cleo', 'a')).toEqual({
      item: 'a',
      score: 0.5,
      source: 'trained',
      method: 'exact',
      contributions: [
        { item: 'd', contribution: 0.5 },
        { item: 'c', contribution: 0 },
      ],
      remainder: 0,
    })
  })

  it('takes that of a history apart, by its weights', () => {
    const history = [{ item: 'b', weight: 2 }, 'a', 'x']
    const { score, contributions, source } = recommender.explain(history, 'c')
    expect([score, source]).toEqual([-6, 'folded-in'])
    expect(contributions).toEqual([
      { item: 'a', contribution: 0 },
      { item: 'b', contribution: -6 },
    ])
  })

  it('has nothing to take apart where the list is by popularity', () => {
    expect(recommender.explain([], 'b')).toEqual({
      item: 'b',
      score: 2,
      source: 'popularity',
      method: 'none',
      contributions: [],
      remainder: 2,
    })
  })

  it.each(['dot', 'cosine'] as const)(
    'takes scores of propagated embeddings apart, by the similarity %s',
    (similarity) => {
      const itemBias = Float32Array.of(0.5, 0, 0, 0.25)
      const model = new EmbeddingRecommender({ ...propagated, similarity, scale: 2, itemBias })
      const { method, score, remainder, contributions } = model.explain(['a', 'c'], 'd')
      expect(method).toBe('exact')
      expect(contributions).toHaveLength(2)
      // All of it but the bias comes from the items.
      expect(remainder).toBeCloseTo(0.25, 6)
      expect(score).toBeCloseTo(
        model.recommendFor(['a', 'c'], { candidates: ['d'] }).scores[0] as number,
        6,
      )
      const ofUser = model.explain('anna', 'd')
      expect(ofUser.score).toBe(model.score('anna', ['d'])[0])
      expect(sumOf(ofUser)).toBeCloseTo(ofUser.score, 6)
    },
  )

  it('leaves items out one by one where a score is no sum', () => {
    const foldIn = { convention: 'implicit', alpha: 3, l2Weight: 0.5 } as const
    const model = new EmbeddingRecommender({ ...embeddings, foldIn })
    const scoreOf = (history: string[]) =>
      model.recommendFor(history, { candidates: ['d'] }).scores[0] as number
    const explanation = model.explain(['a', 'b'], 'd')
    expect(explanation.method).toBe('leave-one-out')
    const whole = scoreOf(['a', 'b'])
    const ofItem = (item: string) =>
      explanation.contributions.find((one) => one.item === item)?.contribution
    expect(ofItem('a')).toBeCloseTo(whole - scoreOf(['b']), 6)
    expect(ofItem('b')).toBeCloseTo(whole - scoreOf(['a']), 6)
    expect(sumOf(explanation)).toBeCloseTo(whole, 6)
  })

  it('adds up to the score for every kind of model, and survives JSON', () => {
    fc.assert(
      fc.property(recommenderArbitrary, (model) => {
        if (model instanceof EmbeddingRecommender) return
        const [item] = model.items.ids as [string]
        for (const asked of [model.users.idOf(0), [...model.items.ids].reverse()]) {
          const explanation = model.explain(asked, item)
          expect(sumOf(explanation)).toBeCloseTo(explanation.score, 4)
          expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation)
          if (explanation.method === 'exact') {
            expect(Math.abs(explanation.remainder)).toBeLessThan(1e-4)
          }
        }
      }),
    )
  })

  it('refuses unknown ids, wrong options and embeddings that cannot answer for histories', () => {
    expect(() => recommender.explain('dora', 'a')).toThrow(UnknownIdError)
    expect(() => recommender.explain('anna', 'x')).toThrow(UnknownIdError)
    expect(() => recommender.explain(['x'], 'a', { unknownItems: 'error' })).toThrow(UnknownIdError)
    expect(() => recommender.explain(['a'], 'a', { k: 2 } as never)).toThrow(InvalidOptionsError)
    expect(() => new EmbeddingRecommender(embeddings).explain('anna', 'a')).toThrow(
      NotSupportedError,
    )
  })
})

describe('scores that are not finite', () => {
  const model = new EmbeddingRecommender({ ...propagated, scale: 2e38 })

  it.each([['anna'], [['d']]])('are refused as they are in lists: of %j', (asked) => {
    const message = /The score of item "[bd]" for .* is Infinity/
    for (const ask of [
      () => model.explain(asked, 'b'),
      () => model.whyNot(asked, 'b'),
      () => model.whyNot(asked, 'c', { k: 1 }),
    ]) {
      expect(ask).toThrow(NonFiniteError)
      expect(ask).toThrow(message)
    }
  })
})

describe('whyNot', () => {
  it('gives the rank of an item and what its score lacks', () => {
    // The scores of anna, who has met a and b, are -3 for c and 4 for d.
    expect(recommender.whyNot('anna', 'c', { k: 1 })).toEqual({
      item: 'c',
      score: -3,
      source: 'trained',
      leftOut: null,
      rank: 2,
      last: { item: 'd', score: 4 },
      gap: -7,
      lifts: { method: 'exact', tried: 1, items: [] },
    })
    expect(recommender.whyNot(['a', 'b'], 'd', { k: 2 })).toMatchObject({
      source: 'folded-in',
      rank: 1,
      gap: 7,
    })
  })

  it('names the rule that keeps an item out', () => {
    expect(recommender.whyNot('anna', 'a').leftOut).toBe('seen')
    expect(recommender.whyNot('anna', 'a', { excludeSeen: false }).leftOut).toBeNull()
    expect(recommender.whyNot('anna', 'c', { exclude: ['c'] }).leftOut).toBe('excluded')
    const few = recommender.whyNot('anna', 'c', { candidates: ['b'] })
    expect(few).toMatchObject({ leftOut: 'not a candidate', last: null, gap: null, rank: 1 })
    expect(recommender.whyNot([], 'a', { k: 1 })).toMatchObject({
      source: 'popularity',
      rank: 2,
      gap: -1,
    })
  })

  it('agrees with lists for every kind of model', () => {
    fc.assert(
      fc.property(recommenderArbitrary, fc.nat(100), (model, seed) => {
        const user = model.users.idOf(seed % model.userCount)
        const k = 1 + (seed % model.itemCount)
        const list = model.recommend(user, { k }).items
        for (const item of model.items.ids) {
          const { rank, leftOut } = model.whyNot(user, item, { k })
          expect(list.indexOf(item)).toBe(leftOut === null && rank <= k ? rank - 1 : -1)
        }
      }),
    )
  })

  it('refuses wrong options and unknown items', () => {
    expect(() => recommender.whyNot('anna', 'x')).toThrow(UnknownIdError)
    expect(() => recommender.whyNot('anna', 'a', { k: 0 })).toThrow(InvalidOptionsError)
  })
})

describe('an EmbeddingRecommender that propagates histories', () => {
  it('sums the rows of the items over the root of their number', () => {
    const model = new EmbeddingRecommender(propagated)
    const scores = new Float32Array(4)
    model.scoreHistories({ pointers: Int32Array.of(0, 2), items: Int32Array.of(0, 1) }, scores)
    // (0.5 - 1, 1 + 0.25) / √3
    const [x, y] = [-0.5 / Math.sqrt(3), 1.25 / Math.sqrt(3)]
    const expected = [x + 2 * y, 3 * x + y, 0, 2 * x + 2 * y]
    for (let item = 0; item < 4; item++) {
      expect(scores[item]).toBeCloseTo(expected[item] as number, 6)
    }
  })

  it.each<[string, object, string]>([
    ['no tensors', { foldInTensors: new Map() }, "tensor 'items' is missing"],
    [
      'a table of another size',
      { foldInTensors: new Map([['items', { shape: [3, 2], data: new Float32Array(6) }]]) },
      "tensor 'items' has the shape [3,2]; expected [4,2]",
    ],
    [
      'fewer numbers than the shape says',
      { foldInTensors: new Map([['items', { shape: [4, 2], data: new Float32Array(6) }]]) },
      "tensor 'items' has 6 elements; its shape [4,2] needs 8",
    ],
    ['a negative α', { foldIn: { convention: 'propagated', regularization: -1 } }, 'got -1'],
    ['tensors without a way', { foldIn: undefined }, "need 'score.foldIn'"],
    ['tensors that are no map', { foldInTensors: { items: 1 } }, 'expected a Map of tensors'],
  ])('refuses %s', (_, change, message) => {
    const make = () => new EmbeddingRecommender({ ...propagated, ...change } as never)
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow(message)
  })
})

describe('an EmbeddingRecommender that solves for histories by pairs', () => {
  const model = new EmbeddingRecommender({
    ...embeddings,
    foldIn: { convention: 'pairwise', l2Weight: 0.1 },
  })
  const loss = (x: number, y: number, met: number[]) => {
    const scores = [0, 1, 2, 3].map(
      (item) =>
        x * (embeddings.itemEmbeddings[2 * item] as number) +
        y * (embeddings.itemEmbeddings[2 * item + 1] as number),
    )
    let sum = 0
    const lacking = [0, 1, 2, 3].filter((item) => !met.includes(item))
    for (const i of met) {
      for (const j of lacking) {
        sum += Math.log1p(Math.exp((scores[j] as number) - (scores[i] as number)))
      }
    }
    return sum / met.length / lacking.length + 0.05 * (x * x + y * y)
  }

  it('finds the minimum of their loss', () => {
    const scores = new Float32Array(4)
    model.scoreHistories({ pointers: Int32Array.of(0, 2), items: Int32Array.of(0, 3) }, scores)
    // Items 0 and 1 are (1, 2) and (3, 1), from whose scores the embedding follows.
    const [s0, s1] = scores as unknown as [number, number]
    const x = (2 * s1 - s0) / 5
    const y = (3 * s0 - s1) / 5
    const best = loss(x, y, [0, 3])
    for (const [dx, dy] of [
      [0.05, 0],
      [-0.05, 0],
      [0, 0.05],
      [0, -0.05],
    ] as const) {
      expect(loss(x + dx, y + dy, [0, 3])).toBeGreaterThan(best)
    }
  })

  it('takes histories of everything and long weights without a number that is not finite', () => {
    for (const history of [
      ['a', 'b', 'c', 'd'],
      [{ item: 'a', weight: 1e30 }, 'b'],
    ]) {
      for (const score of model.recommendFor(history, { excludeSeen: false }).scores) {
        expect(Number.isFinite(score)).toBe(true)
      }
    }
  })

  it('refuses a weight of 0', () => {
    const foldIn = { convention: 'pairwise', l2Weight: 0 } as const
    expect(() => new EmbeddingRecommender({ ...embeddings, foldIn })).toThrow('l2Weight: got 0')
  })
})
