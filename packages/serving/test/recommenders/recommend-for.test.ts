import { fromRecords, InvalidOptionsError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  type HistoryItem,
  ItemSimilarityRecommender,
  NotSupportedError,
  PopularityRecommender,
  type Recommender,
} from '../../src/index.js'
import { common, embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'

/** Place (j, i): what having met j adds to the score of i. */
const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
/** An array that holds itself. */
const endless: unknown[] = []
endless.push(endless)
const recommender = new ItemSimilarityRecommender({ ...common, weights })

describe('recommendFor', () => {
  it('answers for a history as for a user who has it', () => {
    const { user: _, source, ...list } = recommender.recommend('anna', { k: 4 })
    expect(source).toBe('trained')
    expect(recommender.recommendFor(['b', 'a'], { k: 4 })).toEqual({ ...list, source: 'folded-in' })
  })

  it('gives a list per history, in their order', () => {
    const lists = recommender.recommendFor([['a'], [], ['b', 'a']], { k: 1 })
    expect(lists).toEqual([
      { items: ['d'], scores: [4], source: 'folded-in' },
      { items: ['b'], scores: [2], source: 'popularity' },
      { items: ['d'], scores: [4], source: 'folded-in' },
    ])
  })

  it('answers an empty history by popularity, with candidates and exclusions', () => {
    const options = { candidates: ['c', 'b', 'a'], exclude: ['b'] }
    expect(recommender.recommendFor([], options)).toEqual({
      items: ['a', 'c'],
      scores: [1, 1],
      source: 'popularity',
    })
  })

  it('skips and counts unknown items, or refuses them', () => {
    const history = ['a', 'x', 'a', 'y']
    expect(recommender.recommendFor(history, { k: 1 })).toEqual({
      items: ['d'],
      scores: [4],
      source: 'folded-in',
      ignoredItems: 2,
    })
    expect(recommender.recommendFor(['x'], { k: 1 })).toMatchObject({
      source: 'popularity',
      ignoredItems: 1,
    })
    const refuse = () => recommender.recommendFor(history, { unknownItems: 'error' })
    expect(refuse).toThrow(UnknownIdError)
    expect(() => recommender.recommendFor([7] as never)).toThrow(UnknownIdError)
  })

  it('adds up the weights of repeated items, and counts repeated items without weights once', () => {
    const scores = (history: HistoryItem<string>[]) =>
      recommender.recommendFor(history, { candidates: ['d'] }).scores
    expect(scores(['a', 'a'])).toEqual([4])
    expect(scores([{ item: 'a', weight: 0.5 }])).toEqual([2])
    expect(scores([{ item: 'a', weight: 0.5 }, 'a'])).toEqual([6])
  })

  it('lets old items count less', () => {
    const history = [
      { item: 'a', time: 100 },
      { item: 'd', time: 120 },
    ]
    const { scores } = recommender.recommendFor(history, { candidates: ['b'], halfLife: 10 })
    expect(scores).toEqual([0.25])
  })

  it('gives an empty list to a history of everything, and where candidates leave nothing', () => {
    const nothing = { items: [], scores: [], source: 'folded-in' }
    expect(recommender.recommendFor(['a', 'b', 'c', 'd'])).toEqual(nothing)
    expect(recommender.recommendFor(['a'], { candidates: ['a'] })).toEqual(nothing)
    expect(recommender.recommendFor(['a'], { candidates: [] })).toEqual(nothing)
    expect(recommender.recommendFor(['a'], { k: 4 }).items).toHaveLength(3)
    expect(recommender.recommendFor(['a'], { k: 4, excludeSeen: false }).items).toHaveLength(4)
  })

  it.each<[string, unknown, object, string]>([
    ['a negative weight', [{ item: 'a', weight: -1 }], {}, 'history[0].weight: got -1'],
    ['a weight of 0', [{ item: 'a', weight: 0 }], {}, 'expected a finite number above 0'],
    ['NaN as weight', ['b', { item: 'a', weight: Number.NaN }], {}, 'history[1].weight: got NaN'],
    ['weights beyond float32', [{ item: 'a', weight: 1e39 }], {}, 'single precision'],
    ['a time that is none', [{ item: 'a', time: 'now' }], {}, 'history[0].time: got "now"'],
    ['a misspelt field', [{ item: 'a', wieght: 1 }], {}, "unknown field 'wieght'"],
    ['an item without id', [{ weight: 1 }], {}, 'expected the id of an item'],
    ['nothing as item', [null], {}, 'history[0]: got null'],
    ['a list among items', ['a', ['b']], {}, 'history[1]: got ["b"]'],
    ['a number that JSON lacks', [{ item: 'a', weight: 2n }], {}, 'history[0].weight: got 2n'],
    ['a list that holds itself', [endless], {}, 'histories[0][0]: got [object Array]'],
    ['a hole', new Array(1).concat('a'), {}, 'history[0]: got undefined'],
    ['a hole among histories', [['a']].concat(new Array(1)), {}, 'history[0]: got ["a"]'],
    ['text', 'a', {}, 'history: got string'],
    ['a missing time', ['a'], { halfLife: 1 }, 'history[0]: got no time'],
    ['no half-life', ['a'], { halfLife: 0 }, 'halfLife: got 0'],
    ['a length above the items', ['a'], { k: 5 }, 'got 5; expected an integer in 1..4'],
    ['a misspelt option', ['a'], { unknownItem: 'skip' }, "did you mean 'unknownItems'"],
    ['an option of recommend', ['a'], { since: ['b'] }, "unknown option 'since'"],
  ])('refuses %s', (_, history, options, message) => {
    const ask = () => recommender.recommendFor(history as never, options)
    expect(ask).toThrow(InvalidOptionsError)
    expect(ask).toThrow(message)
  })

  it('leaves out of a history the items that nobody met in training, and counts them', () => {
    const table = fromRecords([
      { user: 'ann', item: 'a' },
      { user: 'ann', item: 'b' },
      { user: 'ben', item: 'unseen' },
    ])
    const seen = { pointers: Int32Array.of(0, 2, 2), items: Int32Array.of(0, 1) }
    const { users, items } = table
    const own = Float32Array.of(0, 1, 0, 1, 0, 0, 9, 9, 0)
    const model = new ItemSimilarityRecommender({ users, items, seen, weights: own })
    expect(model.recommendFor(['unseen'])).toEqual({
      items: ['a', 'b'],
      scores: [1, 1],
      source: 'popularity',
      ignoredItems: 1,
    })
    expect(model.recommendFor(['a', 'unseen'])).toMatchObject({ scores: [1], ignoredItems: 1 })
    expect(model.withColdStart('model').recommendFor(['unseen']).scores).toEqual([9, 9])
  })

  it('survives JSON', () => {
    const list = recommender.recommendFor(['a', 'x'])
    expect(JSON.parse(JSON.stringify(list))).toEqual(list)
  })

  it('says how embeddings without fold-in part get one', () => {
    const plain = new EmbeddingRecommender(embeddings)
    expect(() => plain.recommendFor(['a'])).toThrow(NotSupportedError)
    expect(() => plain.recommendFor(['a'])).toThrow('foldIn')
    expect(plain.recommendFor([])).toMatchObject({ source: 'popularity' })
  })

  it('equals sorting the scores of histories, for any kind of model that has them', () => {
    const scenario = recommenderArbitrary
      .filter((model) => !(model instanceof EmbeddingRecommender))
      .chain((model) =>
        fc.record({
          model: fc.constant(model),
          k: fc.integer({ min: 1, max: model.itemCount }),
          histories: fc.array(someOf(model.items.ids), { minLength: 1, maxLength: 4 }),
        }),
      )
    fc.assert(
      fc.property(scenario, ({ model, k, histories }) => {
        const byModel = model.withColdStart('model')
        const lists = byModel.recommendFor(histories, { k })
        expect(histories.map((history) => byModel.recommendFor(history, { k }))).toEqual(lists)
        histories.forEach((history, place) => {
          if (history.length === 0) return
          expect(lists[place]).toEqual({ ...sorted(byModel, history, k), source: 'folded-in' })
        })
      }),
    )
  })
})

function sorted(model: Recommender<number, string>, history: string[], k: number) {
  const indices = Int32Array.from(new Set(history.map((id) => model.items.indexOf(id)))).sort()
  const scores = new Float32Array(model.itemCount)
  model.scoreHistories({ pointers: Int32Array.of(0, indices.length), items: indices }, scores)
  const best = Array.from(scores.keys())
    .filter((item) => !indices.includes(item))
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, k)
  return {
    items: best.map((item) => model.items.idOf(item)),
    scores: best.map((item) => scores[item]),
  }
}

describe('recommend with later items', () => {
  it('extends the history of a user', () => {
    const later = recommender.recommend('ben', { since: ['a'], k: 4 })
    expect(later).toEqual({
      ...recommender.recommend('anna', { k: 4 }),
      user: 'ben',
      source: 'folded-in',
    })
    expect(recommender.recommend('ben', { since: ['b'], k: 4 })).toEqual(
      recommender.recommend('ben', { k: 4 }),
    )
    expect(recommender.recommend('ben', { since: [], k: 4 }).source).toBe('trained')
  })

  it('takes one list for each of several users', () => {
    const lists = recommender.recommend(['ben', 'anna'], { since: [['a', 'x'], []], k: 1 })
    expect(lists).toEqual([
      { user: 'ben', items: ['d'], scores: [4], source: 'folded-in', ignoredItems: 1 },
      { user: 'anna', items: ['d'], scores: [4], source: 'trained' },
    ])
    const ask = () => recommender.recommend(['ben', 'anna'], { since: ['a', 'b'] })
    expect(ask).toThrow('since: got 2 values for 2 users; expected one array of items for each')
    const hole = { since: new Array(2).fill(['a'], 0, 1) }
    expect(() => recommender.recommend(['ben', 'anna'], hole)).toThrow('got 2 values for 2 users')
    expect(() => recommender.recommend(new Array(1))).toThrow(UnknownIdError)
    const wrong = { since: [[{ item: 'a', weight: -2 }]] }
    expect(() => recommender.recommend(['ben'], wrong)).toThrow('since[0][0].weight: got -2')
  })

  it('answers users without training interactions from what they met since', () => {
    const seen = { pointers: Int32Array.of(0, 2, 2, 4), items: Int32Array.of(0, 1, 2, 3) }
    const model = new ItemSimilarityRecommender({ ...common, seen, weights })
    expect(model.recommend('ben').source).toBe('popularity')
    expect(model.recommend('ben', { since: ['a'], k: 1 })).toEqual({
      user: 'ben',
      items: ['d'],
      scores: [4],
      source: 'folded-in',
    })
  })
})

describe('unknown users', () => {
  it('get the most popular items when that is asked for', () => {
    const popular = { items: ['b'], scores: [2], source: 'popularity' }
    const options = { unknownUser: 'popularity', k: 1 } as const
    expect(recommender.recommend('dora', options)).toEqual({ user: 'dora', ...popular })
    const lists = recommender.recommend(['anna', 'dora'], { ...options, unknownIds: 'skip' })
    expect(lists.map(({ user, source }) => [user, source])).toEqual([
      ['anna', 'trained'],
      ['dora', 'popularity'],
    ])
  })

  it('are answered from what they met since', () => {
    const options = { unknownUser: 'popularity', since: ['b', 'a'], k: 4 } as const
    const { user: _, ...list } = recommender.recommend('dora', options)
    expect(list).toEqual(recommender.recommendFor(['a', 'b'], { k: 4 }))
  })

  it('are errors otherwise, as are ids of the wrong type', () => {
    expect(() => recommender.recommend('dora')).toThrow(UnknownIdError)
    const strict = { unknownUser: 'error', unknownIds: 'skip' } as const
    expect(() => recommender.recommend(['dora'], strict)).toThrow(UnknownIdError)
    const lenient = { unknownUser: 'popularity' } as const
    expect(() => recommender.recommend(7 as never, lenient)).toThrow(UnknownIdError)
    expect(() => recommender.recommend('dora', { unknownUser: 'skip' as never })).toThrow(
      "unknownUser: got \"skip\"; expected 'error' or 'popularity'",
    )
  })
})

describe('a model that knows as much of everybody', () => {
  it('answers for histories', () => {
    const scores = Float32Array.of(1, 2, 3, 4)
    const model = new PopularityRecommender({ ...common, scores })
    expect(model.recommendFor(['d'], { k: 2 })).toEqual({
      items: ['c', 'b'],
      scores: [3, 2],
      source: 'folded-in',
    })
  })
})
