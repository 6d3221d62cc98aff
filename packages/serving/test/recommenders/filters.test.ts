import { IdMap, InvalidOptionsError, ShapeMismatchError, UnknownIdError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, NotSupportedError } from '../../src/index.js'
import {
  ascendingDistinct,
  placesIn,
  union,
  without,
} from '../../src/recommenders/list-selection.js'
import { embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'

describe('filters', () => {
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
        const select = (ids: readonly string[]) => recommender.filter(ids)
        const kept = { candidates: select(candidates), exclude: select(exclude) }
        const users = recommender.users.ids
        const expected = recommender.recommend(users, { candidates, exclude, excludeSeen })
        for (const options of [
          { candidates: select(candidates), exclude },
          { candidates, exclude: select(exclude) },
          kept,
          // The second time, what follows from both filters is there already.
          kept,
          { candidates: select(candidates).and(select(exclude).not()) },
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

  it('take ids, sets, functions and masks, and are combined as sets are', () => {
    const scenario = recommenderArbitrary.chain((recommender) =>
      fc.record({
        recommender: fc.constant(recommender),
        left: someOf(recommender.items.ids),
        right: someOf(recommender.items.ids),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ recommender, left, right }) => {
        const { ids } = recommender.items
        const members = (filter: { has(id: string): boolean }) => ids.filter((id) => filter.has(id))
        const isLeft = ids.map((id) => left.includes(id))
        const a = recommender.filter(left)
        const b = recommender.filter((id) => right.includes(id))
        for (const same of [
          recommender.filter(new Set(left)),
          recommender.filter(isLeft),
          recommender.filter(Uint8Array.from(isLeft, Number)),
        ]) {
          expect(members(same)).toEqual(members(a))
        }
        expect(members(a.and(b))).toEqual(ids.filter((id) => a.has(id) && b.has(id)))
        expect(members(a.or(b, a))).toEqual(ids.filter((id) => a.has(id) || b.has(id)))
        expect(members(a.not())).toEqual(ids.filter((id) => !left.includes(id)))
        expect(a.or(b).size).toBe(new Set([...left, ...right]).size)
      }),
    )
  })

  it('choose among similar items', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const all = recommender.similarItems('a', { k: 4 })
    const allowed = recommender.filter(['a', 'b', 'd'])
    const expected = all.items.filter((id) => allowed.has(id))
    for (const options of [
      { candidates: allowed },
      { candidates: ['a', 'b', 'd'] },
      { exclude: ['c'] },
      { exclude: allowed.not() },
      { candidates: ['a', 'b', 'c', 'd'], exclude: ['c'] },
    ]) {
      expect(recommender.similarItems('a', { k: 4, ...options }).items).toEqual(expected)
    }
    expect(recommender.similarItems('a', { candidates: recommender.filter([]) }).items).toEqual([])
    expect(() => recommender.similarItems('a', { exclude: ['z'] })).toThrow(UnknownIdError)
    expect(recommender.similarItems('a', { exclude: ['z'], unknownIds: 'skip' }).items).toEqual(
      recommender.similarItems('a').items,
    )
  })

  it('give the similar items of a plain choice, and lists of users in turn with them', () => {
    const scenario = recommenderArbitrary.chain((recommender) =>
      fc.record({
        recommender: fc.constant(recommender),
        candidates: someOf(recommender.items.ids),
        exclude: someOf(recommender.items.ids),
        k: fc.integer({ min: 1, max: recommender.items.size }),
      }),
    )
    fc.assert(
      fc.property(scenario, ({ recommender, candidates, exclude, k }) => {
        const { items } = recommender
        const user = recommender.users.idOf(0)
        const inStock = recommender.filter(candidates)
        const list = recommender.recommend(user, { candidates })
        for (const item of items.ids) {
          let all: { readonly items: readonly string[]; readonly scores: readonly number[] }
          try {
            all = recommender.similarItems(item, { k: items.size })
          } catch (error) {
            expect(error).toBeInstanceOf(NotSupportedError)
            continue
          }
          expect(all.items).not.toContain(item)
          const allowed = (id: string) => inStock.has(id) && !exclude.includes(id)
          const places = [...all.items.keys()].filter((place) => allowed(all.items[place]))
          const wanted = places.slice(0, k)
          const found = recommender.similarItems(item, { k, candidates: inStock, exclude })
          expect(found.items).toEqual(wanted.map((place) => all.items[place]))
          expect(found.scores).toEqual(wanted.map((place) => all.scores[place]))
          // What is kept for one of both must not be taken for the other.
          expect(recommender.recommend(user, { candidates: inStock })).toEqual(list)
        }
      }),
    )
  })

  it('leave out many excluded ids as well as a few', () => {
    const count = 3000
    const items = IdMap.from(Array.from({ length: count }, (_, item) => item))
    const recommender = new EmbeddingRecommender({
      users: IdMap.from(['ann']),
      items,
      seen: { pointers: Int32Array.of(0, 2), items: Int32Array.of(5, 9) },
      embeddingDim: 1,
      userEmbeddings: Float32Array.of(1),
      itemEmbeddings: Float32Array.from({ length: count }, (_, item) => -item),
      coldStart: 'model',
    })
    const even = recommender.filter((item) => item % 2 === 0)
    for (const length of [10, 1024, 1025, 2000]) {
      const exclude = items.ids.slice(0, length)
      const { items: found } = recommender.recommend('ann', { exclude, candidates: even, k: 1 })
      expect(found).toEqual([length + (length % 2)])
      expect(recommender.recommend('ann', { exclude, k: 1 }).items).toEqual([length])
      expect(recommender.whyNot('ann', 7, { exclude }).leftOut).toBe('excluded')
    }
    // 1 of 3000 items is scored apart, 200 of them are picked from all scores.
    for (const some of [[50], Array.from({ length: 200 }, (_, place) => place * 3 + 1)]) {
      const { items: found, scores } = recommender.recommend('ann', { candidates: some, k: 1 })
      expect([found, scores]).toEqual([[some[0]], [-some[0]]])
    }
  })

  it('are refused when they are none, with words for what was given', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const filter = (given: unknown) => () => recommender.filter(given as never)
    for (const given of ['abc', 7, null, { a: 1 }, Int32Array.of(1, 0, 1, 0)]) {
      expect(filter(given)).toThrow('expected an array or a Set of ids')
    }
    for (const given of [[true], Uint8Array.of(1, 0, 1), [true, false, true, false, true]]) {
      expect(filter(given)).toThrow(ShapeMismatchError)
    }
    expect(filter([true, false, 'c', true])).toThrow('for item "c"; expected true or false')
    expect(filter(Uint8Array.of(0, 1, 2, 0))).toThrow('got 2 in the mask for item "c"')
    expect(filter(() => undefined)).toThrow('for item "a"; expected true or false')
    expect(filter(async () => true)).toThrow('got a Promise')
    const own = recommender.filter(['a'])
    expect(() => own.and(['b'] as never)).toThrow('expected a filter')
    expect(() => own.has('z')).toThrow(UnknownIdError)
  })

  it('are named by whyNot, of combinations the part that keeps the item out', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const inStock = recommender.filter(['a', 'c', 'd'], { name: 'in stock' })
    const adult = recommender.filter(['d'], { name: 'adult' })
    const german = recommender.filter(['b'], { name: 'german' })
    const candidates = inStock.and(adult.not())
    expect(candidates.name).toBe('in stock and not adult')
    const whyNot = (item: string, options: object) => recommender.whyNot('cleo', item, options)
    const options = { candidates, excludeSeen: false }
    expect(whyNot('b', options)).toMatchObject({ leftOut: 'not a candidate', filter: 'in stock' })
    expect(whyNot('d', options)).toMatchObject({ leftOut: 'not a candidate', filter: 'not adult' })
    expect(whyNot('a', options)).toMatchObject({ leftOut: null })
    expect(whyNot('a', options)).not.toHaveProperty('filter')
    const exclude = adult.or(german)
    expect(whyNot('b', { exclude })).toMatchObject({ leftOut: 'excluded', filter: 'german' })
    expect(whyNot('b', { exclude, candidates })).toMatchObject({ filter: 'german' })
    expect(whyNot('c', { exclude })).not.toHaveProperty('filter')
    const unnamed = recommender.filter(['b'])
    expect(whyNot('b', { exclude: unnamed })).not.toHaveProperty('filter')
  })

  it('serve another recommender with the same ids', () => {
    const twin = new EmbeddingRecommender({
      ...embeddings,
      items: IdMap.from(['a', 'b', 'c', 'd']),
    })
    const candidates = twin.filter(['d'])
    const { items } = new EmbeddingRecommender(embeddings).recommend('anna', { candidates })
    expect(items).toEqual(['d'])
    expect(candidates.and(new EmbeddingRecommender(embeddings).filter(['c', 'd'])).size).toBe(1)
  })

  it('are counted once each, and skip unknown ids on request', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    expect(recommender.filter(['a', 'b', 'a']).size).toBe(2)
    expect(recommender.filter([]).size).toBe(0)
    expect(recommender.filter(['a', 'z'], { unknownIds: 'skip' }).size).toBe(1)
    expect(() => recommender.filter(['a', 'z'])).toThrow(UnknownIdError)
    expect(() => recommender.filter(['a'], { unknown: 1 } as never)).toThrow(InvalidOptionsError)
  })

  it('serve all lists of recommendAll', async () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const candidates = recommender.filter(['c', 'd'])
    for await (const block of recommender.recommendAll({ candidates })) {
      expect(block).toEqual(recommender.recommend(['anna', 'ben', 'cleo'], { candidates }))
    }
  })

  it('are refused by another recommender', () => {
    const other = new EmbeddingRecommender({
      ...embeddings,
      items: IdMap.from(['e', 'f', 'g', 'h']),
    }).filter(['e'])
    const recommender = new EmbeddingRecommender(embeddings)
    expect(() => recommender.filter(['a']).and(other)).toThrow('another catalogue')
    expect(() => recommender.similarItems('a', { exclude: other })).toThrow('another catalogue')
    for (const options of [{ candidates: other }, { exclude: other }]) {
      expect(() => recommender.recommend('anna', options)).toThrow(InvalidOptionsError)
      expect(() => recommender.recommend('anna', options)).toThrow('another catalogue')
    }
  })

  it('are not looked up again', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const candidates = recommender.filter(['c', 'd'])
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
