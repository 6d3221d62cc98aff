import { IdMap, InvalidOptionsError, NonFiniteError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  ItemSimilarityRecommender,
  PopularityRecommender,
} from '../../src/index.js'
import { embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'

// Scores: anna 1 3 0 2, ben 2 1 0 2, cleo 3 4 0 4 for the items a b c d.
const recommender = new EmbeddingRecommender(embeddings)

describe('recommend', () => {
  it('gives the best unseen items of one user, best first', () => {
    expect(recommender.recommend('anna', { k: 2 })).toEqual({
      user: 'anna',
      items: ['d', 'c'],
      scores: [2, 0],
      source: 'trained',
    })
  })

  it('gives one list per user, in their order, also twice', () => {
    const lists = recommender.recommend(['cleo', 'anna', 'cleo'], { k: 1 })
    expect(lists.map(({ user, items }) => [user, items])).toEqual([
      ['cleo', ['b']],
      ['anna', ['d']],
      ['cleo', ['b']],
    ])
    expect(recommender.recommend([])).toEqual([])
  })

  it('gives ties to the lower id', () => {
    expect(recommender.recommend('ben', { k: 3 }).items).toEqual(['a', 'd', 'c'])
    expect(recommender.recommend('cleo', { k: 4, excludeSeen: false }).items).toEqual([
      'b',
      'd',
      'a',
      'c',
    ])
  })

  it('gives a shorter list when fewer items are left', () => {
    expect(recommender.recommend('anna', { k: 4 }).items).toEqual(['d', 'c'])
    expect(recommender.recommend('anna', { k: 1, candidates: ['a', 'b'] }).items).toEqual([])
    expect(recommender.recommend('anna', { k: 1, candidates: [] })).toEqual({
      user: 'anna',
      items: [],
      scores: [],
      source: 'trained',
    })
  })

  it('leaves out what is excluded, and seen items unless told otherwise', () => {
    const options = { k: 4, exclude: ['d', 'a'] }
    expect(recommender.recommend('anna', options).items).toEqual(['c'])
    expect(recommender.recommend('anna', { ...options, excludeSeen: false }).items).toEqual([
      'b',
      'c',
    ])
  })

  it('keeps to the candidates', () => {
    const options = { k: 4, candidates: ['d', 'c', 'b', 'd'] }
    expect(recommender.recommend('anna', options).items).toEqual(['d', 'c'])
    expect(recommender.recommend('ben', { ...options, exclude: ['d'] }).items).toEqual(['c'])
  })

  it('equals sorting all scores, for any masks, candidates and kind of model', () => {
    const scenario = recommenderArbitrary.chain((model) =>
      fc.record({
        model: fc.constant(model),
        k: fc.integer({ min: 1, max: model.itemCount }),
        users: someOf(model.users.ids),
        exclude: fc.option(someOf(model.items.ids), { nil: undefined }),
        candidates: fc.option(someOf(model.items.ids), { nil: undefined }),
        excludeSeen: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ model, k, users, exclude, candidates, excludeSeen }) => {
        const options = {
          k,
          excludeSeen,
          ...(exclude && { exclude }),
          ...(candidates && { candidates }),
        }
        const lists = model.recommend(users, options)
        const scores = new Float32Array(model.itemCount)
        const expected = users.map((user) => {
          const index = model.users.indexOf(user)
          model.scoreUsers(Int32Array.of(index), scores)
          const seen = model.seen.items.subarray(
            model.seen.pointers[index],
            model.seen.pointers[index + 1],
          )
          const best = model.items.ids
            .map((item, place) => ({ item, place, score: scores[place] as number }))
            .filter(({ item, place }) => {
              const masked = excludeSeen && seen.includes(place)
              return !masked && !exclude?.includes(item) && (candidates?.includes(item) ?? true)
            })
            .sort((a, b) => b.score - a.score || a.place - b.place)
            .slice(0, k)
          return {
            user,
            items: best.map(({ item }) => item),
            scores: best.map(({ score }) => score),
          }
        })
        expect(lists).toMatchObject(expected)
        expect(users.map((user) => model.recommend(user, options))).toEqual(lists)
      }),
      { numRuns: 300 },
    )
  })

  it('gives 10 items by default, all where there are fewer', () => {
    expect(recommender.recommend('ben').items).toEqual(['a', 'd', 'c'])
    expect(recommender.similarItems('a').items).toHaveLength(3)
    const many = Array.from({ length: 12 }, (_, item) => item)
    const model = bigPopularity(1, many.length)
    expect(model.recommend(0).items).toEqual(many.slice(2).reverse())
  })

  it('gives the same lists when there are more users than fit in one block', () => {
    const model = bigPopularity(700, 2000)
    const users = model.users.ids
    const lists = model.recommend(users, { k: 2 })
    expect(lists.map(({ user }) => user)).toEqual(users)
    for (const { items } of lists) expect(items).toEqual([1999, 1998])
  })

  it.each([
    [0, 'got 0'],
    [5, 'got 5; expected an integer in 1..4 (the number of items)'],
    [1.5, 'got 1.5'],
    [Number.NaN, 'got NaN'],
    ['3', 'got "3"; expected an integer'],
  ])('rejects the length %s', (k, message) => {
    const ask = () => recommender.recommend('anna', { k: k as number })
    expect(ask).toThrow(InvalidOptionsError)
    expect(ask).toThrow(message)
    expect(() => recommender.recommend([], { k: k as number })).toThrow(InvalidOptionsError)
  })

  it.each([
    [{ excludeseen: true }, "unknown option 'excludeseen' (did you mean 'excludeSeen'?)"],
    [{ excludeSeen: 'yes' }, 'excludeSeen: got "yes"; expected true or false'],
    [{ exclude: 'a' }, 'exclude: got "a"; expected an array of ids'],
    [{ candidates: new Set(['a']) }, 'candidates: got {}; expected an array of ids'],
    [{ unknownIds: 'ignore' }, `unknownIds: got "ignore"; expected 'error' or 'skip'`],
    [null, 'got null'],
  ])('rejects the options %j', (options, message) => {
    const ask = () => recommender.recommend('anna', options as never)
    expect(ask).toThrow(InvalidOptionsError)
    expect(ask).toThrow(message)
  })
})

describe('unknown ids', () => {
  it.each<[string, () => unknown]>([
    ['a user', () => recommender.recommend('dora')],
    ['one user of many', () => recommender.recommend(['anna', 'dora'])],
    ['a candidate', () => recommender.recommend('anna', { candidates: ['dora'] })],
    ['an excluded item', () => recommender.recommend('anna', { exclude: ['dora'] })],
    ['a user to score', () => recommender.score('dora', ['a'])],
    ['an item to score', () => recommender.score('anna', ['dora'])],
    ['an item to compare', () => recommender.similarItems('dora')],
    ['a user to compare', () => recommender.similarUsers('dora')],
  ])('are an error by default: %s', (_, ask) => {
    expect(ask).toThrow(UnknownIdError)
    expect(ask).toThrow('Unknown id string "dora"')
  })

  it('are skipped on request', () => {
    const skip = { k: 1, unknownIds: 'skip' as const }
    expect(recommender.recommend('dora', skip)).toBeUndefined()
    expect(recommender.recommend('anna', skip)?.items).toEqual(['d'])
    expect(recommender.recommend(['dora', 'anna', 'emil'], skip)).toEqual([
      recommender.recommend('anna', { k: 1 }),
    ])
    const mixed = { ...skip, candidates: ['zz', 'c'], exclude: ['yy'] }
    expect(recommender.recommend('anna', mixed)?.items).toEqual(['c'])
  })

  it('of the other type are an error that says so, also when unknown ids are skipped', () => {
    const skip = { unknownIds: 'skip' as const }
    for (const ask of [
      () => recommender.recommend(7 as never, skip),
      () => recommender.recommend('anna', { ...skip, exclude: [7 as never] }),
      () => recommender.recommend('anna', { ...skip, candidates: [7 as never] }),
    ]) {
      expect(ask).toThrow(UnknownIdError)
      expect(ask).toThrow('Unknown id number 7: the ids of this map are of type string')
    }
  })
})

function bigPopularity(userCount: number, itemCount: number) {
  const ids = (count: number) => Array.from({ length: count }, (_, id) => id)
  return new PopularityRecommender({
    users: IdMap.from(ids(userCount)),
    items: IdMap.from(ids(itemCount)),
    seen: { pointers: new Int32Array(userCount + 1), items: new Int32Array() },
    scores: Float32Array.from(ids(itemCount)),
  })
}

describe('scores that are too large for float32', () => {
  // The user's product with the first item is 1e40, and with the second -1e40.
  const table = {
    users: IdMap.from<string>(['ann']),
    items: IdMap.from<string>(['high', 'low', 'usual']),
    seen: { pointers: Int32Array.of(0, 0), items: new Int32Array() },
  }
  const recommender = new EmbeddingRecommender({
    ...table,
    embeddingDim: 1,
    userEmbeddings: Float32Array.of(1e20),
    itemEmbeddings: Float32Array.of(1e20, -1e20, 1),
    coldStart: 'model',
  })

  it.each([
    ['all items', {}, 'high'],
    ['an exclude list', { exclude: ['high'] }, 'low'],
    ['candidates', { candidates: ['low', 'usual'] }, 'low'],
    ['a factor', { candidates: ['high'] }, 'high'],
  ])('are an error that names user and item: %s', async (_, options, item) => {
    const message = `The score of item "${item}" for user "ann" is ${item === 'low' ? '-' : ''}Infinity`
    expect(() => recommender.recommend('ann', options)).toThrow(NonFiniteError)
    expect(() => recommender.recommend('ann', options)).toThrow(message)
    await expect(recommender.recommendAll(options).next()).rejects.toThrow(message)
    expect(() => recommender.score('ann', [item])).toThrow(message)
  })

  it('are no matter where they are not asked for', () => {
    expect(recommender.recommend('ann', { candidates: ['usual'] }).items).toEqual(['usual'])
    expect(recommender.recommend('ann', { k: 1, exclude: ['high'] }).items).toEqual(['usual'])
    expect(Number.isFinite(recommender.score('ann', ['usual'])[0])).toBe(true)
  })

  it.each([1, 2])('are an error where %d weights are added up', (few) => {
    const similar = new ItemSimilarityRecommender({
      users: table.users,
      items: table.items,
      seen: { pointers: Int32Array.of(0, 2), items: Int32Array.of(0, 1) },
      weights: Float32Array.of(0, 0, 3e38, 0, 0, 3e38, 0, 0, 0),
    })
    const options = { candidates: ['usual', 'low'].slice(0, few) }
    expect(() => similar.recommend('ann', options)).toThrow(NonFiniteError)
  })
})
