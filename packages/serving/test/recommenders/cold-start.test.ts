import { IdMap } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type EmbeddingRecommenderOptions,
  ItemSimilarityRecommender,
  PopularityRecommender,
  Recommender,
} from '../../src/index.js'

const users = IdMap.from(['anna', 'ben', 'cold', 'new'])
const items = IdMap.from(['a', 'b', 'c', 'unseen'])
/** anna saw a and b, ben saw b and c; nobody else saw anything, and nobody saw the last item. */
const seen = { pointers: Int32Array.of(0, 2, 4, 4, 4), items: Int32Array.of(0, 1, 1, 2) }
const options = {
  users,
  items,
  seen,
  embeddingDim: 2,
  userEmbeddings: Float32Array.of(1, 0, 0, 1, 5, 5, -3, 4),
  itemEmbeddings: Float32Array.of(1, 0, 1, 1, 0, 1, 2, 9),
} satisfies EmbeddingRecommenderOptions<string, string>
const weights = Float32Array.of(0, 1, 2, 0, 1, 0, 3, 0, 2, 3, 0, 0, 0, 0, 0, 0)

const kinds: [string, () => Recommender<string, string>][] = [
  ['embeddings', () => new EmbeddingRecommender(options)],
  [
    'cosines with bias',
    () =>
      new EmbeddingRecommender({
        ...options,
        similarity: 'cosine',
        itemBias: Float32Array.of(1, 2, 3, 4),
      }),
  ],
  ['item similarities', () => new ItemSimilarityRecommender({ users, items, seen, weights })],
]
const byPopularity = { items: ['b', 'a', 'c', 'unseen'], scores: [2, 1, 1, 0] }

describe.each(kinds)('users without training interactions, by %s', (_, make) => {
  const recommender = make()

  it('get the most popular items, and the list says so', async () => {
    const expected = { ...byPopularity, source: 'popularity', coldItems: ['unseen'] }
    for (const user of ['cold', 'new']) {
      expect(recommender.recommend(user)).toEqual({ user, ...expected })
    }
    for await (const lists of recommender.recommendAll({ k: 2 })) {
      expect(lists.map(({ source }) => source)).toEqual([
        'trained',
        'trained',
        'popularity',
        'popularity',
      ])
      expect(lists[2]).toEqual({
        user: 'cold',
        items: ['b', 'a'],
        scores: [2, 1],
        source: 'popularity',
      })
    }
  })

  it('get them from some candidates, and without excluded ones', () => {
    const few = recommender.recommend('new', { candidates: ['unseen', 'c', 'a'], exclude: ['a'] })
    expect(few.items).toEqual(['c', 'unseen'])
    expect(recommender.recommend('new', { exclude: ['b'], k: 2 }).items).toEqual(['a', 'c'])
    const allowed = recommender.filter(['c', 'b'])
    expect(recommender.recommend('new', { candidates: allowed }).items).toEqual(['b', 'c'])
  })

  it('have the same scores wherever they are asked for', () => {
    expect(recommender.score('new', items.ids)).toEqual([1, 2, 1, 0])
    const out = new Float32Array(16)
    recommender.scoreUsers(Int32Array.of(3, 0, 2, 1), out)
    expect(Array.from(out.subarray(0, 4))).toEqual([1, 2, 1, 0])
    expect(Array.from(out.subarray(4, 8))).toEqual(recommender.score('anna', items.ids))
    expect(Array.from(out.subarray(8, 12))).toEqual([1, 2, 1, 0])
    const ranked = recommender.rankUsers?.(Int32Array.of(0, 3), 3, seen)
    if (!ranked) return
    expect(Array.from(ranked.items.subarray(3))).toEqual([1, 0, 2])
    expect(Array.from(ranked.lengths)).toEqual([2, 3])
  })

  it('are answered by the model when that is asked for, saved or not', async () => {
    const byModel = recommender.withColdStart('model')
    expect(byModel.coldStart).toBe('model')
    expect(byModel.recommend('new').source).toBe('trained')
    expect(byModel.recommend('new')).not.toHaveProperty('coldItems')
    expect(byModel.score('new', items.ids)).not.toEqual([1, 2, 1, 0])
    for (const one of [recommender, byModel]) {
      const files = {}
      await one.save(files)
      const loaded = await Recommender.load<string, string>(files)
      expect(loaded.coldStart).toBe(one.coldStart)
      expect(loaded.recommend(users.ids)).toEqual(one.recommend(users.ids))
    }
    expect(byModel.withColdStart('popularity').recommend('new')).toEqual(
      recommender.recommend('new'),
    )
  })
})

describe('lists of other users', () => {
  it('mark items that nobody met in training', () => {
    const recommender = new EmbeddingRecommender(options)
    expect(recommender.recommend('anna')).toEqual({
      user: 'anna',
      items: ['unseen', 'c'],
      scores: [2, 0],
      source: 'trained',
      coldItems: ['unseen'],
    })
    expect(recommender.recommend('anna', { candidates: ['c'] })).not.toHaveProperty('coldItems')
  })
})

describe('similar items and users', () => {
  it.each(kinds)('are never ones without training interactions, by %s', (_, make) => {
    const { items: similar, source } = make().similarItems('b')
    expect([...similar].sort()).toEqual(['a', 'c'])
    expect(source).toBe('trained')
  })

  it.each(kinds)('of an item that nobody met are the most popular ones, by %s', (_, make) => {
    expect(make().similarItems('unseen', { k: 2 })).toEqual({
      items: ['b', 'a'],
      scores: [2, 1],
      source: 'popularity',
    })
  })

  it('of a user without training interactions are none', () => {
    const recommender = new EmbeddingRecommender(options)
    expect(recommender.similarUsers('new')).toEqual({ users: [], scores: [], source: 'none' })
    expect(recommender.similarUsers('anna').users).toEqual(['ben'])
    expect(recommender.withColdStart('model').similarUsers('new').users).toHaveLength(3)
  })
})

describe('a model that knows as much of everybody', () => {
  it('answers by itself when nobody has seen anything', () => {
    const nobody = { pointers: new Int32Array(5), items: new Int32Array() }
    const recommender = new EmbeddingRecommender({ ...options, seen: nobody })
    expect(recommender.recommend('new', { k: 1 })).toEqual({
      user: 'new',
      items: ['unseen'],
      scores: [30],
      source: 'trained',
    })
  })

  it('marks nothing when it ranks by popularity itself', () => {
    const scores = Float32Array.of(1, 2, 3, 4)
    const recommender = new PopularityRecommender({ users, items, seen, scores })
    expect(recommender.recommend('new', { k: 1 })).toEqual({
      user: 'new',
      items: ['unseen'],
      scores: [4],
      source: 'trained',
    })
    expect(recommender.withColdStart()).toBe(recommender)
  })
})
