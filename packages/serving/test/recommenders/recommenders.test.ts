import {
  IdMap,
  InvalidOptionsError,
  NonFiniteError,
  ShapeMismatchError,
  UnknownIdError,
} from '@gnnrec/graph'
import { defaultRuntime } from '@gnnrec/graph/kernels'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type EmbeddingRecommenderOptions,
  NotSupportedError,
  PopularityRecommender,
} from '../../src/index.js'
import { common, embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'

const { userEmbeddings, itemEmbeddings } = embeddings

function scoresOf(options: Partial<EmbeddingRecommenderOptions<string, string>>): number[][] {
  const recommender = new EmbeddingRecommender({ ...embeddings, ...options })
  const out = new Float32Array(12)
  recommender.scoreUsers(Int32Array.of(0, 1, 2), out)
  return [0, 4, 8].map((start) => Array.from(out.subarray(start, start + 4)))
}

const f32 = (rows: number[][]) => rows.map((row) => Array.from(Float32Array.from(row)))

describe('EmbeddingRecommender', () => {
  it('scores by the dot product', () => {
    expect(scoresOf({})).toEqual([
      [1, 3, 0, 2],
      [2, 1, 0, 2],
      [3, 4, 0, 4],
    ])
  })

  it('gives kernel memory back when disposed of, and answers on', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const before = defaultRuntime().statistics.usedBytes
    const first = recommender.recommend('anna', { k: 2 })
    expect(defaultRuntime().statistics.usedBytes).toBeGreaterThan(before)
    recommender.dispose()
    recommender.dispose()
    expect(defaultRuntime().statistics.usedBytes).toBe(before)
    expect(recommender.recommend('anna', { k: 2 })).toEqual(first)
  })

  it('scales, then adds the bias of the item', () => {
    expect(scoresOf({ scale: -2, itemBias: Float32Array.of(10, 20, 30, 40) })).toEqual([
      [8, 14, 30, 36],
      [6, 18, 30, 36],
      [4, 12, 30, 32],
    ])
  })

  it('scores by the cosine, which is 0 for a row of zeros', () => {
    const expected = [
      [1 / Math.sqrt(5), 3 / Math.sqrt(10), 0, 1 / Math.sqrt(2)],
      [2 / Math.sqrt(5), 1 / Math.sqrt(10), 0, 1 / Math.sqrt(2)],
      [3 / Math.sqrt(10), 4 / Math.sqrt(20), 0, 1],
    ]
    const scores = scoresOf({ similarity: 'cosine' })
    for (const [u, row] of expected.entries()) {
      for (const [i, value] of row.entries()) expect(scores[u]?.[i]).toBeCloseTo(value, 6)
    }
    const scaled = scoresOf({ similarity: 'cosine', scale: 5 })
    expect(scaled).toEqual(f32(scores.map((row) => row.map((value) => 5 * value))))
  })

  it('keeps the cosine of tiny and huge rows', () => {
    const scores = scoresOf({
      similarity: 'cosine',
      itemEmbeddings: Float32Array.of(1e-30, 0, 0, 1e30, 1e-30, 1e-30, -1e30, 0),
    })
    expect(scores[0]?.[0]).toBe(1)
    expect(scores[1]?.[1]).toBe(1)
    expect(scores[2]?.[2]).toBeCloseTo(1, 6)
    expect(scores[0]?.[3]).toBe(-1)
  })

  it('does not change when the arrays it was made from do', () => {
    const options = {
      ...embeddings,
      userEmbeddings: userEmbeddings.slice(),
      itemEmbeddings: itemEmbeddings.slice(),
      itemBias: Float32Array.of(1, 1, 1, 1),
      seen: { pointers: common.seen.pointers.slice(), items: common.seen.items.slice() },
    }
    const recommender = new EmbeddingRecommender(options)
    const before = recommender.recommend('anna', { k: 4 })
    options.userEmbeddings.fill(9)
    options.itemEmbeddings.fill(9)
    options.itemBias.fill(9)
    options.seen.pointers.fill(0)
    options.seen.items.fill(3)
    expect(recommender.recommend('anna', { k: 4 })).toEqual(before)
  })

  it('finds the closest items and users by cosine, without the one asked for', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const items = recommender.similarItems('a', { k: 4 })
    expect(items.items).toEqual(['d', 'b', 'c'])
    expect(items.scores[0]).toBeCloseTo(3 / Math.sqrt(10), 6)
    expect(items.scores[1]).toBeCloseTo(5 / Math.sqrt(50), 6)
    expect(items.scores[2]).toBe(0)
    const users = recommender.similarUsers('anna', { k: 3 })
    expect(users.users).toEqual(['cleo', 'ben'])
    expect(users.scores[0]).toBeCloseTo(1 / Math.sqrt(2), 6)
    expect(recommender.similarUsers('anna', { k: 1 }).users).toEqual(['cleo'])
  })

  it('ranks similar items as a plain reference does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 8, maxLength: 8 }),
        fc.constantFrom('dot' as const, 'cosine' as const),
        (values, similarity) => {
          const recommender = new EmbeddingRecommender({
            ...embeddings,
            similarity,
            scale: 3,
            itemEmbeddings: Float32Array.from(values),
          })
          for (const [index, item] of common.items.ids.entries()) {
            const row = (i: number) => values.slice(2 * i, 2 * i + 2) as [number, number]
            const cosine = (i: number) => {
              const [a, b] = row(index)
              const [x, y] = row(i)
              return (a * x + b * y) / (Math.hypot(a, b) * Math.hypot(x, y) || 1)
            }
            const { items, scores } = recommender.similarItems(item, { k: 4 })
            expect(new Set(items)).toEqual(new Set(common.items.ids.filter((id) => id !== item)))
            items.forEach((id, place) => {
              expect(scores[place]).toBeCloseTo(cosine(common.items.indexOf(id)), 5)
              if (place > 0) {
                expect(scores[place - 1]).toBeGreaterThanOrEqual(scores[place] as number)
              }
            })
          }
        },
      ),
    )
  })

  it.each<[string, object, string]>([
    ['a misspelt option', { similarty: 'dot' }, "did you mean 'similarity'?"],
    ['an unknown similarity', { similarity: 'euclid' }, `got "euclid"; expected 'dot' or 'cosine'`],
    ['a dimension of 0', { embeddingDim: 0 }, 'embeddingDim: got 0; expected an integer from 1 up'],
    ['a fractional dimension', { embeddingDim: 1.5 }, 'embeddingDim: got 1.5'],
    ['a scale that is NaN', { scale: Number.NaN }, 'scale: got NaN; expected a finite number'],
    ['an infinite scale', { scale: Number.POSITIVE_INFINITY }, 'expected a finite number'],
    ['ids that are an array', { users: ['anna'] }, 'expected an IdMap'],
    ['embeddings in float64', { userEmbeddings: [1, 2] }, 'expected a Float32Array'],
    ['no seen items', { seen: undefined }, 'expected each user'],
    ['an origin without architecture', { origin: { options: {} } }, 'origin.architecture'],
  ])('rejects %s', (_, options, message) => {
    const make = () => new EmbeddingRecommender({ ...embeddings, ...options } as never)
    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow(message)
  })

  it.each<[string, object, string]>([
    [
      'users',
      { userEmbeddings: new Float32Array(5) },
      'userEmbeddings has 5 numbers; expected 3 × 2 = 6',
    ],
    [
      'items',
      { itemEmbeddings: new Float32Array(6) },
      'itemEmbeddings has 6 numbers; expected 4 × 2 = 8',
    ],
    ['biases', { itemBias: new Float32Array(3) }, 'itemBias has 3 numbers'],
    [
      'seen items',
      { seen: { pointers: Int32Array.of(0, 0), items: new Int32Array() } },
      '3 users need 4',
    ],
  ])('rejects %s that do not fit the ids', (_, options, message) => {
    const make = () => new EmbeddingRecommender({ ...embeddings, ...options })
    expect(make).toThrow(ShapeMismatchError)
    expect(make).toThrow(message)
  })

  it.each<[string, object, string]>([
    [
      'user',
      { userEmbeddings: Float32Array.of(1, 1, 1, Number.NaN, 1, Number.NaN) },
      'The embedding of user "ben" (row 1) holds NaN',
    ],
    [
      'item',
      { itemEmbeddings: Float32Array.of(1, 1, 1, 1, -Infinity, 1, 1, 1) },
      'The embedding of item "c" (row 2) holds -Infinity',
    ],
    [
      'bias',
      { itemBias: Float32Array.of(1, 1, 1, Number.NaN) },
      'The bias of item "d" (row 3) holds NaN',
    ],
  ])('names the first %s that is not finite', (_, options, message) => {
    const make = () => new EmbeddingRecommender({ ...embeddings, ...options })
    expect(make).toThrow(NonFiniteError)
    expect(make).toThrow(message)
  })

  it.each([0, 5, 1.5])('rejects %s similar items of 4', (k) => {
    const recommender = new EmbeddingRecommender(embeddings)
    expect(() => recommender.similarItems('a', { k })).toThrow(InvalidOptionsError)
    expect(() => recommender.similarItems('a', { k })).toThrow('similarItems')
    expect(() => recommender.similarUsers('anna', { k })).toThrow('1..3 (the number of users)')
  })
})

describe('PopularityRecommender', () => {
  const recommender = new PopularityRecommender({
    ...common,
    scores: Float32Array.of(1, 2, 1, 1),
  })

  it('gives everybody the same scores', () => {
    const out = new Float32Array(8)
    recommender.scoreUsers(Int32Array.of(2, 0), out)
    expect(Array.from(out)).toEqual([1, 2, 1, 1, 1, 2, 1, 1])
    expect(recommender.recommend(['anna', 'cleo'], { k: 4 }).map(({ items }) => items)).toEqual([
      ['c', 'd'],
      ['b', 'a'],
    ])
  })

  it('has no similar items or users', () => {
    expect(() => recommender.similarItems('a', { k: 1 })).toThrow(NotSupportedError)
    expect(() => recommender.similarUsers('ben', { k: 1 })).toThrow('no embeddings')
  })

  it('rejects scores that do not fit the ids, are not finite or of another type', () => {
    const make = (scores: Float32Array) => new PopularityRecommender({ ...common, scores })
    expect(() => make(new Float32Array(3))).toThrow(ShapeMismatchError)
    expect(() => make(Float32Array.of(1, Number.NaN, 1, 1))).toThrow(
      'The score of item "b" (row 1) holds NaN',
    )
    expect(() => make([1, 2, 3, 4] as never)).toThrow(InvalidOptionsError)
  })
})

describe('every recommender', () => {
  it('gives the same bytes for one user, many users and some items', () => {
    const scenario = recommenderArbitrary.chain((model) =>
      fc.record({
        model: fc.constant(model),
        users: someOf(model.users.ids),
        items: someOf(model.items.ids),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ model, users, items }) => {
        const indices = Int32Array.from(users, (user) => model.users.indexOf(user))
        const many = new Float32Array(users.length * model.itemCount)
        model.scoreUsers(indices, many)
        users.forEach((user, row) => {
          const all = many.subarray(row * model.itemCount, (row + 1) * model.itemCount)
          expect(model.score(user, model.items.ids)).toEqual(Array.from(all))
          expect(model.score(user, items)).toEqual(
            items.map((item) => all[model.items.indexOf(item)] as number),
          )
        })
      }),
    )
  })

  it('tells how many users and items it ranks', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    expect([recommender.userCount, recommender.itemCount]).toEqual([3, 4])
  })

  it('rejects user indices out of range and a short output', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    for (const user of [-1, 3]) {
      expect(() => recommender.scoreUsers(Int32Array.of(0, user), new Float32Array(8))).toThrow(
        UnknownIdError,
      )
    }
    expect(() => recommender.scoreUsers(Int32Array.of(0, 1), new Float32Array(7))).toThrow(
      'out has 7 places; 2 users and 4 items need 8',
    )
  })

  it('answers when there are users but no items', () => {
    const recommender = new PopularityRecommender({
      users: common.users,
      items: IdMap.from<string>([]),
      seen: { pointers: new Int32Array(4), items: new Int32Array() },
      scores: new Float32Array(),
    })
    expect(recommender.score('anna', [])).toEqual([])
    expect(recommender.recommend('anna')).toEqual({
      user: 'anna',
      items: [],
      scores: [],
      source: 'trained',
    })
    expect(() => recommender.recommend('anna', { k: 1 })).toThrow(InvalidOptionsError)
  })
})
