import { IdMap } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddingRecommender, type Recommender } from '../../src/index.js'
import {
  boost,
  calibrate,
  dampenPopularity,
  diversify,
  freshness,
  maxPerGroup,
  pin,
  quota,
} from '../../src/rules.js'
import { embeddings, recommenderArbitrary, someOf } from '../support/recommenders.js'
import { shop } from '../support/rule-shop.js'

describe('rules', () => {
  it('that change nothing give the list without rules, for every kind of recommender', () => {
    const scenario = recommenderArbitrary.chain((recommender) =>
      fc.record({
        recommender: fc.constant(recommender),
        candidates: fc.option(someOf(recommender.items.ids)),
        exclude: someOf(recommender.items.ids),
        excludeSeen: fc.boolean(),
      }),
    )
    const idle = [
      boost({ items: () => false, factor: 2 }),
      dampenPopularity({ strength: 0 }),
      maxPerGroup({ by: (id: string) => id, most: 1 }),
      quota({ by: (id: string) => id, group: 'none', atMost: { share: 0.5 } }),
      diversify({ strength: 0, by: (id: string) => id }),
    ]
    fc.assert(
      fc.property(scenario, ({ recommender, candidates, exclude, excludeSeen }) => {
        const options = { exclude, excludeSeen, ...(candidates && { candidates }) }
        const users = recommender.users.ids
        const plain = recommender.recommend(users, options)
        const ruled = recommender.recommend(users, { ...options, rules: idle })
        const rules = { gaveWay: [], shortenedBy: [], isExact: true }
        expect(ruled).toEqual(plain.map((list) => ({ ...list, rules })))
      }),
    )
  })

  it('serve histories, later items, all users, and users whom the model does not know', async () => {
    const foldIn = { convention: 'implicit', alpha: 3, l2Weight: 0.5 } as const
    const recommender = new EmbeddingRecommender({ ...embeddings, foldIn })
    const rules = [pin({ item: 'c', place: 1 })]
    expect(recommender.recommend('ben', { rules, since: ['a'] }).items[0]).toBe('c')
    expect(recommender.recommend('zoe', { rules, unknownUser: 'popularity' })).toMatchObject({
      items: ['c', 'b', 'a', 'd'],
      source: 'popularity',
    })
    expect(recommender.recommendFor(['a'], { rules }).items[0]).toBe('c')
    expect(recommender.recommendFor([['a'], []], { rules })[1].items[0]).toBe('c')
    for await (const block of recommender.recommendAll({ rules })) {
      expect(block).toEqual(recommender.recommend(recommender.users.ids, { rules }))
    }
    const answer = recommender.recommend('ben', { rules })
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('are named by whyNot when an item would be there without one of them', () => {
    const recommender = shop([4, 3, 2, 1], ['a1', 'a2', 'b1', 'b2'])
    const by = (id: string) => id[0]
    const few = maxPerGroup({ by, most: 1, name: 'one of a brand' })
    const top = pin({ item: 'b2', place: 1 })
    const whyNot = (item: string, rules = [few, top]) =>
      recommender.whyNot('ann', item, { k: 2, rules })
    expect(whyNot('a2')).toMatchObject({ rank: 2, leftOut: null, ruledOutBy: [] })
    expect(whyNot('a2', [few])).toMatchObject({ ruledOutBy: ['one of a brand'] })
    expect(whyNot('b1')).toMatchObject({ ruledOutBy: ['"b2" at place 1'] })
    expect(whyNot('a1')).not.toHaveProperty('ruledOutBy')
    expect(whyNot('a2', [])).not.toHaveProperty('ruledOutBy')
    expect(recommender.whyNot('ann', 'a2', { rules: [few], exclude: ['a2'] })).not.toHaveProperty(
      'ruledOutBy',
    )
  })

  it('ask a function once for an item, however many lists are made', () => {
    const recommender = shop([4, 3, 2, 1], ['a1', 'a2', 'b1', 'b2'])
    const asked: string[] = []
    const by = (id: string) => {
      asked.push(id)
      return id[0]
    }
    const rules = [maxPerGroup({ by, most: 1 }), diversify({ strength: 0.5, by })]
    for (let list = 0; list < 3; list++) recommender.recommend('ann', { k: 2, rules })
    expect(asked.sort()).toEqual(['a1', 'a2', 'b1', 'b2'])
  })
})

describe('wrong rules', () => {
  const recommender: Recommender<string, string> = shop([4, 3, 2, 1], ['a1', 'a2', 'b1', 'b2'])
  const by = (id: string) => id[0]
  const refusal = (action: () => unknown) => {
    try {
      action()
    } catch (error) {
      return error as { code: string; message: string }
    }
    throw new Error('nothing was refused')
  }

  it('are refused when they are made', () => {
    for (const make of [
      () => maxPerGroup({ by: 'brand' as never, most: 1 }),
      () => maxPerGroup({ by, most: 0 }),
      () => maxPerGroup({ by, most: 1.5 }),
      () => maxPerGroup({ by, most: Number.NaN }),
      () => maxPerGroup({ by, most: 1, brand: 'x' } as never),
      () => quota({ by, group: 'a' }),
      () => quota({ by, group: 'a', atLeast: -1 }),
      () => quota({ by, group: 'a', atLeast: { share: -0.1 } }),
      () => quota({ by, group: 'a', atMost: { share: 1.1 } }),
      () => quota({ by, group: 'a', atMost: { share: Number.NaN } }),
      () => quota({ by, group: 'a', atMost: { part: 0.5 } as never }),
      () => quota({ by, group: {} as never, atMost: 1 }),
      () => pin({ item: 'a1', place: 0 }),
      () => pin({ item: {} as never, place: 1 }),
      () => boost({ items: ['a1'], factor: 0 }),
      () => boost({ items: ['a1'], factor: -2 }),
      () => boost({ items: ['a1'], factor: Number.POSITIVE_INFINITY }),
      () => boost({ items: 'a1' as never, factor: 2 }),
      () => freshness({ time: () => 1, now: Number.NaN, halfLife: 1 }),
      () => freshness({ time: () => 1, now: 1, halfLife: 0 }),
      () => freshness({ time: () => 1, now: 1, halfLife: 1, least: 0 }),
      () => dampenPopularity({ strength: 2 }),
      () => diversify({ strength: -0.1 }),
      () => diversify({ strength: 0.5, by, vectors: () => [1] }),
      () => diversify({ strength: 0.5, among: 0 }),
      () => calibrate({ strength: 0.5, by, smoothing: 0 }),
      () => calibrate({ strength: Number.NaN, by }),
    ]) {
      expect(refusal(make).code, String(make)).toBe('INVALID_OPTIONS')
    }
  })

  it('are refused when they contradict each other or do not fit the list', () => {
    const [a, b] = ['a1', 'b1'].map((item) => pin({ item, place: 1 }))
    for (const rules of [
      [a, b],
      [a, pin({ item: 'a1', place: 2 })],
      [pin({ item: 'a1', place: 3 })],
      [quota({ by, group: 'a', atLeast: 3 })],
      [quota({ by, group: 'a', atLeast: 2, atMost: 1 })],
      [quota({ by, group: 'a', atLeast: 2 }), quota({ by, group: 'a', atMost: 1 })],
      [quota({ by, group: 'a', atLeast: { share: 1 } }), maxPerGroup({ by, most: 1 })],
    ]) {
      expect(refusal(() => recommender.recommend('ann', { k: 2, rules })).code).toBe(
        'INVALID_OPTIONS',
      )
    }
  })

  it('are refused when they are no rules', () => {
    for (const rules of ['rule', [1], [null], [{ name: 'x' }], new Array(2), { rule: 1 }]) {
      expect(
        refusal(() => recommender.recommend('ann', { rules: rules as never })).message,
      ).toContain('@gnnrec/serving/rules')
    }
    expect(() => recommender.similarItems('a1', { rules: [] } as never)).toThrow('rules')
  })

  it('are refused for unknown pins and for what functions return', () => {
    const unknown = [pin({ item: 'z', place: 1 })]
    expect(refusal(() => recommender.recommend('ann', { rules: unknown })).code).toBe('UNKNOWN_ID')
    expect(
      recommender.recommend('ann', { rules: unknown, unknownIds: 'skip' })?.rules?.gaveWay,
    ).toEqual([{ rule: '"z" at place 1', by: 1 }])
    for (const rule of [
      maxPerGroup({ by: () => Number.NaN, most: 1 }),
      maxPerGroup({ by: () => ({}) as never, most: 1 }),
      maxPerGroup({ by: () => [undefined] as never, most: 1 }),
      freshness({ time: () => Number.NaN, now: 1, halfLife: 1 }),
      freshness({ time: () => '2020' as never, now: 1, halfLife: 1 }),
    ]) {
      expect(refusal(() => recommender.recommend('ann', { rules: [rule] })).code).toBe(
        'INVALID_OPTIONS',
      )
    }
  })

  it('find nothing to choose from when nothing is left', () => {
    const rules = [quota({ by, group: 'a', atLeast: 1 }), diversify({ strength: 0.5, by })]
    expect(recommender.recommend('ann', { candidates: [], rules })).toMatchObject({
      items: [],
      rules: { gaveWay: [{ rule: 'at least 1 of "a"', by: 1 }] },
    })
    const numbers = new EmbeddingRecommender({ ...embeddings, items: IdMap.from([1, 2, 3, 4]) })
    const one = [pin({ item: 4, place: 1 })]
    expect(numbers.recommend('anna', { rules: one, k: 4 }).items).toEqual([4, 3])
  })
})
