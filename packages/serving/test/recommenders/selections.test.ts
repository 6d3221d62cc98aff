import { IdMap, InvalidOptionsError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender } from '../../src/index.js'
import {
  ascendingDistinct,
  placesIn,
  union,
  without,
} from '../../src/recommenders/list-selection.js'
import { embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'

describe('selected items', () => {
  it('give the lists that their ids give, as candidates and as excluded items', () => {
    const scenario = recommenderArbitrary.chain((recommender) =>
      fc.record({
        recommender: fc.constant(recommender),
        candidates: someOf(recommender.items.ids),
        exclude: someOf(recommender.items.ids),
        excludeSeen: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ recommender, candidates, exclude, excludeSeen }) => {
        const select = (ids: readonly string[]) => recommender.selectItems(ids)
        const users = recommender.users.ids
        const expected = recommender.recommend(users, { candidates, exclude, excludeSeen })
        for (const options of [
          { candidates: select(candidates), exclude },
          { candidates, exclude: select(exclude) },
          { candidates: select(candidates), exclude: select(exclude) },
        ]) {
          expect(recommender.recommend(users, { ...options, excludeSeen })).toEqual(expected)
        }
      }),
    )
  })

  it('give the lists of a plain choice among all items', () => {
    const scenario = recommenderArbitrary.chain((recommender) =>
      fc.record({
        recommender: fc.constant(recommender),
        candidates: fc.option(someOf(recommender.items.ids)),
        exclude: someOf(recommender.items.ids),
        excludeSeen: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ recommender, candidates, exclude, excludeSeen }) => {
        const { users, items } = recommender
        const allowed = (item: string) =>
          (candidates?.includes(item) ?? true) && !exclude.includes(item)
        const options = { exclude, excludeSeen, ...(candidates && { candidates }) }
        for (const user of users.ids) {
          const all = recommender.recommend(user, { k: items.size, excludeSeen })
          const places = [...all.items.keys()].filter((place) => allowed(all.items[place]))
          const found = recommender.recommend(user, options)
          expect(found.items).toEqual(places.slice(0, 10).map((place) => all.items[place]))
          expect(found.scores).toEqual(places.slice(0, 10).map((place) => all.scores[place]))
        }
      }),
    )
  })

  it('are counted once each, and skip unknown ids on request', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    expect(recommender.selectItems(['a', 'b', 'a']).size).toBe(2)
    expect(recommender.selectItems([]).size).toBe(0)
    expect(recommender.selectItems(['a', 'z'], { unknownIds: 'skip' }).size).toBe(1)
    expect(() => recommender.selectItems(['a', 'z'])).toThrow(UnknownIdError)
    expect(() => recommender.selectItems(['a'], { unknown: 1 } as never)).toThrow(
      InvalidOptionsError,
    )
  })

  it('serve all lists of recommendAll', async () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const candidates = recommender.selectItems(['c', 'd'])
    for await (const block of recommender.recommendAll({ candidates })) {
      expect(block).toEqual(recommender.recommend(['anna', 'ben', 'cleo'], { candidates }))
    }
  })

  it('are refused by another recommender', () => {
    const other = new EmbeddingRecommender({
      ...embeddings,
      items: IdMap.from(['e', 'f', 'g', 'h']),
    }).selectItems(['e'])
    const recommender = new EmbeddingRecommender(embeddings)
    for (const options of [{ candidates: other }, { exclude: other }]) {
      expect(() => recommender.recommend('anna', options)).toThrow(InvalidOptionsError)
      expect(() => recommender.recommend('anna', options)).toThrow('another recommender')
    }
  })

  it('are not looked up again', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const candidates = recommender.selectItems(['c', 'd'])
    const lookUps: unknown[] = []
    const { indexOf } = IdMap.prototype
    IdMap.prototype.indexOf = function (this: IdMap, id) {
      lookUps.push(id)
      return indexOf.call(this, id)
    }
    try {
      recommender.recommend('anna', { candidates, exclude: candidates })
    } finally {
      IdMap.prototype.indexOf = indexOf
    }
    expect(lookUps).toEqual(['anna'])
  })
})

describe('lists of indices', () => {
  const indices = fc.array(fc.nat(40), { maxLength: 30 })
  const sorted = (values: Iterable<number>) => [...new Set(values)].sort((a, b) => a - b)

  it('become distinct and ascending, are united, subtracted and found', () => {
    fc.assert(
      fc.property(indices, indices, fc.constantFrom(41, 10_000), (a, b, count) => {
        const [left, right] = [a, b].map((list) => ascendingDistinct(Int32Array.from(list), count))
        expect([...left]).toEqual(sorted(a))
        expect([...union(left, right)]).toEqual(sorted([...a, ...b]))
        expect([...without(left, right)]).toEqual(sorted(a.filter((index) => !b.includes(index))))
        expect([...placesIn(left, right)]).toEqual(
          sorted(a.filter((index) => b.includes(index))).map((index) => left.indexOf(index)),
        )
      }),
    )
  })
})
