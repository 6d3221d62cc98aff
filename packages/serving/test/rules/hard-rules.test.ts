import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rule } from '../../src/index.js'
import { maxPerGroup, pin, quota } from '../../src/rules.js'
import { shop } from '../support/rule-shop.js'

/** A rule in the words of the reference. */
type Plain =
  | { readonly kind: 'max'; readonly grouping: number; readonly most: number }
  | {
      readonly kind: 'quota'
      readonly grouping: number
      readonly group: string
      readonly atLeast?: number | { readonly share: number }
      readonly atMost?: number | { readonly share: number }
    }
  | { readonly kind: 'pin'; readonly item: number; readonly place: number }

interface Catalogue {
  readonly scores: readonly number[]
  /** For each grouping the groups of each item. */
  readonly groups: readonly (readonly (readonly string[])[])[]
  readonly k: number
  readonly rules: readonly Plain[]
}

const bound =
  (amount: number | { share: number } | undefined, round: (n: number) => number) =>
  (length: number) =>
    amount === undefined || typeof amount === 'number' ? amount : round(amount.share * length)

/** Counts by how much a list misses each rule, of which pins count only if their items are absent. */
function missed({ groups, rules }: Catalogue, list: readonly number[], length: number): number[] {
  return rules.map((rule) => {
    if (rule.kind === 'pin') return list.includes(rule.item) ? 0 : 1
    const counts = new Map<string, number>()
    for (const item of list) {
      for (const group of new Set(groups[rule.grouping][item])) {
        counts.set(group, (counts.get(group) ?? 0) + 1)
      }
    }
    if (rule.kind === 'max') {
      return [...counts.values()].reduce((sum, count) => sum + Math.max(0, count - rule.most), 0)
    }
    const count = counts.get(rule.group) ?? 0
    const least = bound(rule.atLeast, Math.ceil)(length) ?? 0
    const most = bound(rule.atMost, Math.floor)(length) ?? Number.POSITIVE_INFINITY
    return Math.max(0, least - count) + Math.max(0, count - most)
  })
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, place) => value !== b[place])
  return at === -1 ? 0 : a[at] - b[at]
}

/** Finds the best list by trying all of them. */
function bestByTrying(catalogue: Catalogue): { missed: number[]; length: number; total: number } {
  const { scores, k } = catalogue
  const hasShares = catalogue.rules.some(
    (rule) =>
      rule.kind === 'quota' &&
      (typeof rule.atLeast === 'object' || typeof rule.atMost === 'object'),
  )
  for (let length = Math.min(k, scores.length); ; length--) {
    let best: number[] | undefined
    for (let bits = 0; bits < 2 ** scores.length; bits++) {
      const list = scores.map((_, item) => item).filter((item) => (bits >> item) & 1)
      if (list.length > length) continue
      const total = list.reduce((sum, item) => sum + scores[item], 0)
      const key = [...missed(catalogue, list, length), -list.length, -total]
      if (!best || compare(key, best) < 0) best = key
    }
    const key = best as number[]
    const found = -key[catalogue.rules.length]
    if (found === length || !hasShares) {
      return {
        missed: key.slice(0, catalogue.rules.length),
        length: found,
        total: -key[key.length - 1],
      }
    }
  }
}

function rulesOf({ groups, rules }: Catalogue, ids: readonly string[]): Rule<string>[] {
  const by = groups.map((ofItems) => (id: string) => ofItems[ids.indexOf(id)])
  return rules.map((rule, place) => {
    const name = `rule ${place}`
    if (rule.kind === 'pin') return pin({ item: ids[rule.item], place: rule.place, name })
    if (rule.kind === 'max') return maxPerGroup({ by: by[rule.grouping], most: rule.most, name })
    const { grouping, group, atLeast, atMost } = rule
    return quota({
      by: by[grouping],
      group,
      name,
      ...(atLeast !== undefined && { atLeast }),
      ...(atMost !== undefined && { atMost }),
    })
  })
}

const groupOf = fc.constantFrom('x', 'y', 'z')
const amount = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom(0.25, 0.5, 0.75).map((share) => ({ share })),
)

/** Catalogues of at most nine items whose groupings number `groupings`, with at most `most` groups an item. */
const catalogues = (groupings: number, most: number): fc.Arbitrary<Catalogue> =>
  fc.integer({ min: 1, max: 8 }).chain((size) =>
    fc.record({
      scores: fc.array(fc.integer({ min: -4, max: 9 }), { minLength: size, maxLength: size }),
      groups: fc.array(
        fc.array(fc.uniqueArray(groupOf, { maxLength: most }), {
          minLength: size,
          maxLength: size,
        }),
        { minLength: groupings, maxLength: groupings },
      ),
      k: fc.integer({ min: 1, max: Math.min(5, size) }),
      rules: fc.array(
        fc.oneof(
          fc.record({
            kind: fc.constant('max' as const),
            grouping: fc.nat(groupings - 1),
            most: fc.integer({ min: 1, max: 3 }),
          }),
          fc.record(
            {
              kind: fc.constant('quota' as const),
              grouping: fc.nat(groupings - 1),
              group: groupOf,
              atLeast: amount,
              atMost: amount,
            },
            { requiredKeys: ['kind', 'grouping', 'group'] },
          ),
          fc.record({
            kind: fc.constant('pin' as const),
            item: fc.nat(size - 1),
            place: fc.integer({ min: 1, max: 5 }),
          }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
    }),
  )

/** Asks for the list; undefined when the rules are refused as contradictory. */
function ask(catalogue: Catalogue) {
  const recommender = shop(catalogue.scores)
  const rules = () => rulesOf(catalogue, recommender.items.ids)
  try {
    return recommender.recommend('ann', { k: catalogue.k, rules: rules() })
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
    return undefined
  }
}

describe('hard rules', () => {
  for (const [groupings, most, words] of [
    [1, 1, 'one grouping'],
    [2, 1, 'two groupings'],
    [3, 1, 'three groupings'],
    [2, 3, 'items in several groups'],
  ] as const) {
    it(`give the list that trying all lists gives, for ${words}`, () => {
      let answered = 0
      fc.assert(
        fc.property(catalogues(groupings, most), (catalogue) => {
          const answer = ask(catalogue)
          if (!answer?.rules) return
          answered++
          const ids = shop(catalogue.scores).items.ids
          const list = answer.items.map((id) => ids.indexOf(id))
          const expected = bestByTrying(catalogue)
          expect(answer.rules.isExact).toBe(true)
          expect(list).toHaveLength(expected.length)
          expect(missed(catalogue, list, list.length)).toEqual(expected.missed)
          // The order of scores follows from the rules; the sum is that of the best choice.
          expect(answer.scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(expected.total)
          const off = catalogue.rules.map((rule, at) =>
            rule.kind === 'pin' && expected.missed[at] === 0 && list[rule.place - 1] !== rule.item
              ? 1
              : expected.missed[at],
          )
          expect(answer.rules.gaveWay).toEqual(
            off.map((by, at) => ({ rule: `rule ${at}`, by })).filter(({ by }) => by > 0),
          )
          // Pins that fit are where they belong.
          catalogue.rules.forEach((rule) => {
            if (rule.kind !== 'pin' || rule.place > list.length || !list.includes(rule.item)) return
            const isCrowded = catalogue.rules.some(
              (other) => other.kind === 'pin' && other.place > list.length,
            )
            if (!isCrowded) expect(list[rule.place - 1]).toBe(rule.item)
          })
        }),
        { numRuns: 150 },
      )
      expect(answered).toBeGreaterThan(50)
    })
  }

  it('take candidates from as deep in the catalogue as they need', () => {
    const count = 3000
    const recommender = shop(Array.from({ length: count }, (_, item) => -item))
    const { ids } = recommender.items
    const isLast = (id: string) => id === ids[count - 1] || id === ids[count - 2]
    const { items, rules } = recommender.recommend('ann', {
      k: 3,
      rules: [quota({ by: isLast, group: true, atLeast: 2 })],
    })
    expect(items).toEqual([ids[0], ids[count - 2], ids[count - 1]])
    expect(rules).toEqual({ gaveWay: [], shortenedBy: [], isExact: true })
    const one = (id: string) => (isLast(id) ? id : 'all others')
    const spread = recommender.recommend('ann', {
      k: 3,
      rules: [maxPerGroup({ by: one, most: 1 })],
    })
    expect(spread.items).toEqual([ids[0], ids[count - 2], ids[count - 1]])
  })

  it('make a list shorter where groups are lacking, and say so', () => {
    const recommender = shop([3, 2, 1], ['a1', 'a2', 'b1'])
    const { items, rules } = recommender.recommend('ann', {
      k: 3,
      rules: [maxPerGroup({ by: (id: string) => id[0], most: 1 })],
    })
    expect(items).toEqual(['a1', 'b1'])
    expect(rules?.shortenedBy).toEqual(['at most 1 per group'])
  })

  it('give way by their order', () => {
    const recommender = shop([4, 3, 2, 1], ['a1', 'a2', 'b1', 'b2'])
    const by = (id: string) => id[0]
    const few = maxPerGroup({ by, most: 1 })
    const pins = ['a1', 'a2'].map((item, at) => pin({ item, place: at + 1 }))
    expect(recommender.recommend('ann', { k: 2, rules: [few, ...pins] })).toMatchObject({
      items: ['a1', 'b1'],
      rules: { gaveWay: [{ rule: '"a2" at place 2', by: 1 }] },
    })
    expect(recommender.recommend('ann', { k: 2, rules: [...pins, few] })).toMatchObject({
      items: ['a1', 'a2'],
      rules: { gaveWay: [{ rule: 'at most 1 per group', by: 1 }] },
    })
  })

  it('leave out what the options leave out, also pinned items', () => {
    const recommender = shop([3, 2, 1], ['a1', 'a2', 'b1'])
    const rules = [pin({ item: 'b1', place: 1 })]
    for (const options of [
      { exclude: ['b1'] },
      { candidates: ['a1', 'a2'] },
      { candidates: recommender.filter((id) => id[0] === 'a') },
    ]) {
      const answer = recommender.recommend('ann', { k: 3, rules, ...options })
      expect(answer.items).toEqual(['a1', 'a2'])
      expect(answer.rules?.gaveWay).toEqual([{ rule: '"b1" at place 1', by: 1 }])
    }
    expect(recommender.recommend('ann', { rules: [] })).not.toHaveProperty('rules')
  })

  it('end a search of many groupings in bounded steps, and say that it is not exact', () => {
    const count = 400
    const recommender = shop(Array.from({ length: count }, (_, item) => count - item))
    const { ids } = recommender.items
    const rng = Rng.fromSeed(5)
    const [k, features] = [20, 14]
    const has = (id: string, feature: number) => rng.uniformAt(ids.indexOf(id), feature) < 0.5
    const rules = Array.from({ length: features }, (_, feature) =>
      quota({ by: (id: string) => has(id, feature), group: true, atLeast: k / 2, atMost: k / 2 }),
    )
    const answer = recommender.recommend('ann', { k, rules })
    expect(answer.items.length).toBeLessThanOrEqual(k)
    expect(answer.rules?.isExact).toBe(false)
    const off = rules.map((_, feature) =>
      Math.abs(k / 2 - answer.items.filter((id) => has(id, feature)).length),
    )
    expect(answer.rules?.gaveWay.map(({ by }) => by)).toEqual(off.filter((by) => by > 0))
  })
})
