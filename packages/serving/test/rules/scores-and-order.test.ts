import { fromRecords, interactionLists, NonFiniteError } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EmbeddingRecommender,
  ItemSimilarityRecommender,
  NotSupportedError,
  PopularityRecommender,
} from '../../src/index.js'
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
import { embeddings } from '../support/recommenders.js'
import { shop } from '../support/rule-shop.js'

describe('rules for scores', () => {
  it('lift and lower items of any rank, whatever the sign of their scores', () => {
    const scores = Array.from({ length: 500 }, (_, item) => 250 - item)
    const recommender = shop(scores)
    const { ids } = recommender.items
    const top = (factor: number, item: number) =>
      recommender.recommend('ann', { k: 500, rules: [boost({ items: [ids[item]], factor })] })
    // 250 - 200 = 50 becomes 300; 250 - 499 = -249 becomes -1.245.
    expect(top(6, 200).items[0]).toBe(ids[200])
    expect(top(200, 499).items.indexOf(ids[499])).toBe(252)
    expect(top(0.5, 499).items[499]).toBe(ids[499])
    // The scores of the list are those of the model.
    expect(top(6, 200).scores[0]).toBe(50)
  })

  it('take filters, ids, functions and masks', () => {
    const recommender = shop([3, 2, 1], ['a', 'b', 'c'])
    const factor = 4
    for (const items of [
      recommender.filter(['c']),
      ['c'],
      new Set(['c']),
      (id: string) => id === 'c',
      Uint8Array.of(0, 0, 1),
    ]) {
      const { items: found } = recommender.recommend('ann', { rules: [boost({ items, factor })] })
      expect(found).toEqual(['c', 'a', 'b'])
    }
    const other = shop([1, 2], ['x', 'y']).filter(['x'])
    expect(() =>
      recommender.recommend('ann', { rules: [boost({ items: other, factor })] }),
    ).toThrow('another catalogue')
    const unknown = [boost({ items: ['z'], factor })]
    expect(() => recommender.recommend('ann', { rules: unknown })).toThrow('z')
    expect(recommender.recommend('ann', { rules: unknown, unknownIds: 'skip' })?.items).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  it('let scores decay with age and popularity', () => {
    const recommender = shop([8, 7, 6, 5], ['a', 'b', 'c', 'd'])
    const times: Record<string, number | undefined> = { a: 0, b: 10, c: 50 }
    const rules = [
      freshness({ time: (id: string) => times[id], now: 20, halfLife: 10, least: 0.2 }),
    ]
    // 8 / 4 = 2, 7 / 2 = 3.5, 6 (of the future), 5 · 0.2 = 1.
    expect(recommender.recommend('ann', { rules }).items).toEqual(['c', 'b', 'a', 'd'])
    const table = fromRecords([
      ...['u1', 'u2', 'u3'].map((user) => ({ user, item: 'a' })),
      { user: 'u1', item: 'b' },
    ])
    const popular = new PopularityRecommender({
      users: table.users,
      items: table.items,
      seen: interactionLists(table),
      scores: Float32Array.of(3, 2),
    })
    // (1 + 3) / (1 + 1) = 2; its root times 2 is 2.83, and twice 2 is 4.
    for (const [strength, first] of [
      [0.5, 'a'],
      [1, 'b'],
    ] as const) {
      const options = { rules: [dampenPopularity({ strength })], excludeSeen: false }
      expect(popular.recommend('u1', options).items[0]).toBe(first)
    }
  })

  it('say when a score is no number any more', () => {
    const recommender = shop([3, 2], ['a', 'b'])
    const rules = [boost({ items: ['b'], factor: 1e200 })]
    expect(() => recommender.recommend('ann', { rules })).toThrow(NonFiniteError)
    expect(() => recommender.recommend('ann', { rules })).toThrow('"b"')
  })
})

/** A greedy reference: each place gets the item with the largest gain. */
function greedily(
  scores: readonly number[],
  k: number,
  gain: (item: number, list: readonly number[]) => number,
  strength: number,
): number[] {
  const [most, least] = [Math.max(...scores), Math.min(...scores)]
  const relevance = (item: number) => (scores[item] - least) / (most - least || 1)
  const byScore = scores.map((_, item) => item).sort((a, b) => scores[b] - scores[a] || a - b)
  const list: number[] = []
  while (list.length < Math.min(k, scores.length)) {
    const left = byScore.filter((item) => !list.includes(item))
    // Gains that differ by rounding alone count as equal.
    const worth = (item: number) =>
      Math.round(((1 - strength) * relevance(item) + strength * gain(item, list)) * 1e9)
    list.push(left.reduce((best, item) => (worth(item) > worth(best) ? item : best)))
  }
  return list
}

const scenarios = fc.integer({ min: 2, max: 12 }).chain((size) =>
  fc.record({
    scores: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size }),
    groups: fc.array(fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 }), {
      minLength: size,
      maxLength: size,
    }),
    history: fc.uniqueArray(fc.nat(size - 1), { maxLength: 4 }),
    strength: fc.constantFrom(0, 0.3, 0.75, 1),
    k: fc.integer({ min: 1, max: 6 }),
  }),
)

describe('soft rules', () => {
  it('choose by maximal marginal relevance', () => {
    fc.assert(
      fc.property(scenarios, ({ scores, groups, strength, k: wanted }) => {
        const k = Math.min(wanted, scores.length)
        const recommender = shop(scores)
        const { ids } = recommender.items
        const by = (id: string) => groups[ids.indexOf(id)]
        const similarity = (a: number, b: number) => {
          const others: readonly string[] = groups[b]
          const common = groups[a].filter((group) => others.includes(group)).length
          const all = new Set([...groups[a], ...groups[b]]).size
          return all === 0 ? 0 : common / all
        }
        const gain = (item: number, list: readonly number[]) =>
          list.length === 0 ? 0 : -Math.max(...list.map((other) => similarity(item, other)))
        const { items } = recommender.recommend('ann', { k, rules: [diversify({ strength, by })] })
        expect(items).toEqual(greedily(scores, k, gain, strength).map((item) => ids[item]))
      }),
    )
  })

  it('calibrate to the mix of the history', () => {
    fc.assert(
      fc.property(scenarios, ({ scores, groups, history, strength, k: wanted }) => {
        const k = Math.min(wanted, scores.length)
        // Without a history the list would be by popularity.
        fc.pre(history.length > 0)
        const size = scores.length
        const ids = scores.map((_, item) => `i${String(item).padStart(2, '0')}`)
        const table = fromRecords(ids.map((item) => ({ user: 'ann', item })))
        const recommender = new PopularityRecommender({
          users: table.users,
          items: table.items,
          seen: {
            pointers: Int32Array.of(0, size),
            items: Int32Array.from(table.items.ids.keys()),
          },
          scores: Float32Array.from(scores),
        })
        const groupsOf: readonly (readonly string[])[] = groups
        const mix = (list: readonly number[]) => {
          const counted = list.filter((item) => groups[item].length > 0)
          return ['x', 'y', 'z'].map(
            (group) =>
              counted.reduce(
                (sum, item) => sum + (groupsOf[item].includes(group) ? 1 / groups[item].length : 0),
                0,
              ) / (counted.length || 1),
          )
        }
        const own = mix(history)
        const gain = (item: number, list: readonly number[]) => {
          const found = mix([...list, item])
          return -own.reduce(
            (sum, share, group) =>
              share === 0
                ? sum
                : sum + share * Math.log(share / (0.9 * found[group] + 0.1 * share)),
            0,
          )
        }
        const by = (id: string) => groups[ids.indexOf(id)]
        const { items } = recommender.recommendFor(
          history.map((item) => ids[item]),
          { k, rules: [calibrate({ strength, by, smoothing: 0.1 })], excludeSeen: false },
        )
        expect(items).toEqual(greedily(scores, k, gain, strength).map((item) => ids[item]))
      }),
    )
  })

  it('never break a hard rule further, nor shorten a list', () => {
    fc.assert(
      fc.property(scenarios, fc.nat(2), (scenario, most) => {
        const { scores, groups, strength, k: wanted } = scenario
        const k = Math.min(wanted, scores.length)
        const recommender = shop(scores)
        const { ids } = recommender.items
        const by = (id: string) => groups[ids.indexOf(id)]
        const first = (id: string) => groups[ids.indexOf(id)][0]
        for (const grouping of [by, first]) {
          const hard = [
            pin({ item: ids[ids.length - 1], place: 1 }),
            maxPerGroup({ by: grouping, most: most + 1 }),
            quota({ by: (id: string) => ids.indexOf(id) % 2 === 0, group: true, atMost: 2 }),
          ]
          const plain = recommender.recommend('ann', { k, rules: hard })
          const soft = diversify({ strength, by: (id: string) => id.at(-1) })
          const mixed = recommender.recommend('ann', { k, rules: [soft, ...hard] })
          expect(mixed.items).toHaveLength(plain.items.length)
          expect(mixed.rules?.gaveWay).toEqual(plain.rules?.gaveWay)
          expect(new Set(mixed.items).size).toBe(mixed.items.length)
          expect(mixed.items[0]).toBe(ids[ids.length - 1])
        }
      }),
    )
  })

  it('compare embeddings of the model or vectors that are given', () => {
    const recommender = new EmbeddingRecommender(embeddings)
    const options = { k: 2, excludeSeen: false }
    // Scores of cleo: a 3, b 4, c 0, d 4; b and a point elsewhere than d.
    const [first, second] = recommender.recommend('cleo', {
      ...options,
      rules: [diversify({ strength: 0.9 })],
    }).items
    expect([first, second]).toEqual(['b', 'c'])
    const vectors = (id: string) => (id === 'a' ? [0, 1] : [1, 0])
    expect(
      recommender.recommend('cleo', { ...options, rules: [diversify({ strength: 0.9, vectors })] })
        .items,
    ).toEqual(['b', 'a'])
    const itemKnn = new ItemSimilarityRecommender({
      users: embeddings.users,
      items: embeddings.items,
      seen: embeddings.seen,
      weights: new Float32Array(16),
    })
    expect(() => itemKnn.recommend('ben', { rules: [diversify({ strength: 0.5 })] })).toThrow(
      NotSupportedError,
    )
    for (const wrong of [
      () => [1, Number.NaN],
      (id: string) => (id === 'a' ? [1] : [1, 2]),
      () => 7,
    ]) {
      expect(() =>
        recommender.recommend('cleo', {
          rules: [diversify({ strength: 0.5, vectors: wrong as never })],
          excludeSeen: false,
        }),
      ).toThrow('finite numbers')
    }
  })

  it('take several with strengths of at most 1 together', () => {
    const recommender = shop([3, 2, 1], ['a1', 'a2', 'b1'])
    const by = (id: string) => id[0]
    const one = diversify({ strength: 0.6, by })
    const two = calibrate({ strength: 0.6, by })
    expect(() => recommender.recommend('ann', { rules: [one, two] })).toThrow('add up to 1.2')
    // Nothing is known of ann, so that calibration changes nothing.
    expect(recommender.recommend('ann', { rules: [two], k: 3 }).items).toEqual(['a1', 'a2', 'b1'])
  })
})
