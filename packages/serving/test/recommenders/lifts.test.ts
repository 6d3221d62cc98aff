import { IdMap, InvalidOptionsError, Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  ItemSimilarityRecommender,
  PopularityRecommender,
  type Recommender,
  SpectralFilterRecommender,
} from '../../src/index.js'
import { common, embeddings, recommenderArbitrary } from '../support/recommenders.js'

/** Place (j, i): what having met j adds to the score of i. */
const weights = Float32Array.of(0, 1, 0, 4, 2, 0, -3, 0, 0, 0, 0, 1, 0.5, 0, 0, 0)
const recommender = new ItemSimilarityRecommender({ ...common, weights })

const count = 90
const ids = Array.from({ length: count }, (_, item) => item)

/** The parts of a model of 40 users and 90 items, all of which somebody met. */
function largerParts() {
  const rng = Rng.fromSeed('seen')
  const users = Array.from({ length: 40 }, (_, user) => user)
  const met = users.map((user) => ids.filter((item) => item % 40 === user || rng.uniform() < 0.1))
  const pointers = new Int32Array(users.length + 1)
  met.forEach((items, user) => {
    pointers[user + 1] = (pointers[user] as number) + items.length
  })
  const seen = { pointers, items: Int32Array.from(met.flat()) }
  return { users: IdMap.from(users), items: IdMap.from(ids), seen }
}

function floats(seed: string, length: number): Float32Array {
  const rng = Rng.fromSeed(seed)
  return Float32Array.from({ length }, () => rng.normal())
}

const withWeights = () =>
  new ItemSimilarityRecommender({ ...largerParts(), weights: floats('weights', count * count) })

const propagated = (scale: number) => () =>
  new EmbeddingRecommender({
    ...largerParts(),
    embeddingDim: 4,
    scale,
    userEmbeddings: floats('users', 40 * 4),
    itemEmbeddings: floats('items', count * 4),
    foldIn: { convention: 'propagated', regularization: 1 },
    foldInTensors: new Map([['items', { shape: [count, 4], data: floats('terms', count * 4) }]]),
  })

const filter = (options: object) => () =>
  new SpectralFilterRecommender({ ...largerParts(), polynomial: [0.4, -0.5, 0.1], ...options })

const ideal = (merge: 'early' | 'late') => ({
  degreeExponent: 0.3,
  ideal: { weight: 0.7, exponent: 0.5, merge },
  vectors: floats('vectors', count * 3),
})

/** Makes embeddings answer for histories in a way; other kinds do by themselves. */
function withWay(
  model: Recommender<number, string>,
  way: 'pairwise' | 'implicit' | 'propagated' | undefined,
): Recommender<number, string> {
  if (!(model instanceof EmbeddingRecommender) || way === undefined) return model
  const { users, items, seen, embeddingDim } = model
  const shared = {
    users,
    items,
    seen,
    embeddingDim,
    userEmbeddings: floats('users', users.size * embeddingDim),
    itemEmbeddings: floats('items', items.size * embeddingDim),
  }
  if (way === 'pairwise') {
    return new EmbeddingRecommender({ ...shared, foldIn: { convention: way, l2Weight: 0.1 } })
  }
  if (way === 'implicit') {
    const foldIn = { convention: way, alpha: 3, l2Weight: 0.5 }
    return new EmbeddingRecommender({ ...shared, foldIn })
  }
  const shape = [items.size, embeddingDim]
  return new EmbeddingRecommender({
    ...shared,
    foldIn: { convention: way, regularization: 1 },
    foldInTensors: new Map([
      ['items', { shape, data: floats('terms', items.size * embeddingDim) }],
    ]),
  })
}

describe('lifts of whyNot', () => {
  it('names the items whose meeting raises the item, the best rank first', () => {
    // For ben, who has met b, the scores are 2 for a, -3 for c and 0 for d.
    const { rank, lifts } = recommender.whyNot('ben', 'd', { k: 1 })
    expect(rank).toBe(2)
    expect(lifts).toEqual({
      method: 'exact',
      tried: 2,
      items: [{ item: 'a', score: 4, rank: 1, gap: 0 }],
    })
    const { items, scores } = recommender.recommend('ben', { since: ['a'] })
    expect(items[0]).toBe('d')
    expect(scores[0]).toBe(4)
  })

  it('names no item that only leaves the list', () => {
    // For anna, who has met a and b, d stands before c, and adds nothing to it.
    expect(recommender.whyNot('anna', 'c', { k: 1 }).lifts.items).toEqual([])
    // Where met items stay in lists, none leaves them.
    const all = recommender.whyNot('anna', 'c', { k: 1, excludeSeen: false })
    expect(all.lifts.items).toEqual([])
  })

  it('names as many as are wanted', () => {
    const one = recommender.whyNot([], 'a', { k: 1, lifts: 1 }).lifts
    expect(one.items).toHaveLength(1)
    expect(recommender.whyNot([], 'a', { k: 1, lifts: 2 }).lifts.items[0]).toEqual(one.items[0])
    const none = { method: 'none', tried: 0, items: [] }
    expect(recommender.whyNot([], 'a', { lifts: 0 }).lifts).toEqual(none)
  })

  it('names none where nothing can raise the item', () => {
    const none = { method: 'none', tried: 0, items: [] }
    expect(recommender.whyNot('ben', 'd', { exclude: ['d'] }).lifts).toEqual(none)
    const popular = new PopularityRecommender({ ...common, scores: Float32Array.of(1, 2, 3, 4) })
    expect(popular.whyNot('ben', 'a').lifts).toEqual(none)
    expect(new EmbeddingRecommender(embeddings).whyNot('ben', 'a').lifts).toEqual(none)
  })

  it('gives the ranks and scores that lists with the items have, for every kind of model', () => {
    const ways = ['pairwise', 'implicit', 'propagated', undefined] as const
    let found = 0
    fc.assert(
      fc.property(recommenderArbitrary, fc.constantFrom(...ways), fc.nat(100), (made, way, at) => {
        const model = withWay(made, way)
        const user = model.users.idOf(at % model.userCount)
        const k = model.itemCount
        for (const item of model.items.ids) {
          const standing = model.whyNot(user, item, { k, lifts: 32 })
          for (const lift of standing.lifts.items) {
            const then = model.recommend(user, { k, since: [lift.item] })
            const place = then.items.indexOf(item)
            expect(place + 1).toBe(lift.rank)
            expect(lift.rank).toBeLessThan(standing.rank)
            expect(then.scores[place]).toBe(lift.score)
            expect(lift.score - (then.scores.at(-1) as number)).toBe(lift.gap)
            found++
          }
        }
      }),
    )
    expect(found).toBeGreaterThan(20)
  })

  it.each<[string, () => Recommender<number, number>]>([
    ['item-item weights', withWeights],
    ['propagated embeddings', propagated(1)],
    ['propagated embeddings with a negative scale', propagated(-3)],
    ['a filter', filter({ degreeExponent: 0.3 })],
    ['a sharpened filter', filter({ sharpening: [0.2, -0.7] })],
    ['a filter with vectors', filter(ideal('late'))],
    ['a filter with early vectors', filter(ideal('early'))],
    ['a sharpened filter with vectors', filter({ sharpening: [0.2, -0.7], ...ideal('late') })],
  ])('tries the items of the whole catalogue that add most to the score: %s', (_, make) => {
    const model = make()
    const item = 7
    const history = [3, 30, 61]
    const scoreWith = (other: number) =>
      model.recommendFor([...history, other], { candidates: [item], excludeSeen: false })
        .scores[0] as number
    const others = ids.filter((other) => other !== item && !history.includes(other))
    const byScore = others.map((other) => ({ other, score: scoreWith(other) }))
    byScore.sort((a, b) => b.score - a.score)
    const standing = model.whyNot(history, item, { k: 5, lifts: 32 })
    expect(standing.lifts.method).toBe('exact')
    expect(standing.lifts.tried).toBe(32)
    const allowed = new Set(byScore.slice(0, 33).map(({ other }) => other))
    for (const lift of standing.lifts.items) expect(allowed).toContain(lift.item)
    // Every one of the best few that raises the rank is named.
    for (const { other } of byScore.slice(0, 30)) {
      const then = model.whyNot([...history, other], item, { lifts: 0 })
      const stoodBefore = model.whyNot(history, other, { lifts: 0 }).rank < standing.rank
      const rises = then.rank < standing.rank - 1 || then.score > standing.score
      const isNamed = standing.lifts.items.some((lift) => lift.item === other)
      expect(isNamed).toBe(then.rank < standing.rank && (!stoodBefore || rises))
    }
  })

  it('says that items were tried where none is known to add most', () => {
    const foldIn = { convention: 'implicit', alpha: 3, l2Weight: 0.5 } as const
    const model = new EmbeddingRecommender({ ...embeddings, foldIn })
    expect(model.whyNot('ben', 'c').lifts).toMatchObject({ method: 'tried', tried: 2 })
  })

  it.each([-1, 1.5, 33, '3', Number.NaN])('refuses %j of them', (lifts) => {
    expect(() => recommender.whyNot('ben', 'd', { lifts } as never)).toThrow(InvalidOptionsError)
  })
})
