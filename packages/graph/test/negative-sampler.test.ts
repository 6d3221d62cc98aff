import {
  BipartiteGraph,
  InvalidInteractionsError,
  InvalidOptionsError,
  type NegativeDistribution,
  NegativeSampler,
  Rng,
} from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GraphCase, graphCases, type Pair, readFixture, tableOf } from './support/graphs.js'

const graphOf = ({ users, items, pairs }: GraphCase): BipartiteGraph =>
  BipartiteGraph.fromInteractions(tableOf(users, items, pairs))

const distributions: NegativeDistribution[] = [
  'uniform',
  { popularityExponent: 0 },
  { popularityExponent: 0.75 },
  { popularityExponent: 2 },
  { popularityExponent: 1000 },
]

/** Computes the probability of each item as a negative of the user, by the definition. */
function probabilities(
  graph: BipartiteGraph,
  user: number,
  distribution: NegativeDistribution,
): number[] {
  const met = new Set(graph.userItems(user))
  const weights = Array.from(graph.itemDegrees, (degree, item) => {
    if (met.has(item)) return 0
    return distribution === 'uniform' ? 1 : degree ** distribution.popularityExponent
  })
  const total = weights.reduce((a, b) => a + b)
  return weights.map((weight) => (total === 0 ? 0 : weight / total))
}

function expectProportions(
  graph: BipartiteGraph,
  user: number,
  distribution: NegativeDistribution,
  draws: number,
): void {
  const sampler = new NegativeSampler(graph, { distribution, rng: Rng.fromSeed(1) })
  const counts = new Array<number>(graph.itemCount).fill(0)
  for (let n = 0; n < draws; n++) counts[sampler.sampleAt(user, 0, n)]++
  const expected = probabilities(graph, user, distribution)
  for (let item = 0; item < graph.itemCount; item++) {
    const p = expected[item]
    const deviation = Math.abs(counts[item] - draws * p)
    expect(deviation).toBeLessThanOrEqual(5 * Math.sqrt(draws * p * (1 - p)))
  }
}

describe('NegativeSampler', () => {
  it('draws only items that the user has not met and that weigh something', () => {
    fc.assert(
      fc.property(
        graphCases,
        fc.constantFrom(...distributions),
        fc.nat(),
        (given, distribution, seed) => {
          const graph = graphOf(given)
          const sampler = new NegativeSampler(graph, { distribution, rng: Rng.fromSeed(seed) })
          for (let user = 0; user < given.users; user++) {
            const met = new Set(graph.userItems(user))
            const weighs = (item: number) =>
              distribution === 'uniform' ||
              distribution.popularityExponent === 0 ||
              graph.itemDegrees[item] > 0
            const admissible = [...Array(given.items).keys()].filter(
              (item) => !met.has(item) && weighs(item),
            )
            expect(sampler.hasNegative(user)).toBe(admissible.length > 0)
            if (admissible.length === 0) {
              expect(() => sampler.sampleAt(user, 0, 0)).toThrow(InvalidInteractionsError)
              continue
            }
            for (let n = 0; n < 20; n++) expect(admissible).toContain(sampler.sampleAt(user, 0, n))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('draws the item of a long row that its number falls on', () => {
    const rows = fc.uniqueArray(fc.nat(99), { maxLength: 90 })
    fc.assert(
      fc.property(rows, fc.nat(), (met, seed) => {
        const pairs = met.map((item): Pair => [0, item])
        const graph = graphOf({ users: 2, items: 100, pairs: [...pairs, [1, 0]] })
        const rng = Rng.fromSeed(seed)
        const sampler = new NegativeSampler(graph, { rng })
        const others = [...Array(100).keys()].filter((item) => !met.includes(item))
        for (let position = 0; position < 20; position++) {
          const drawn = others[rng.integerAt(3, position, others.length)]
          expect(sampler.sampleAt(0, 3, position)).toBe(drawn)
        }
      }),
    )
  })

  it('fills a batch with what it draws at the addresses', () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      each: fc.integer({ min: 1, max: 4 }),
    })
    fc.assert(
      fc.property(
        graphCases,
        fc.constantFrom(...distributions),
        sizes,
        fc.nat(),
        (given, distribution, { size, each }, seed) => {
          const graph = graphOf(given)
          const rng = Rng.fromSeed(seed)
          const sampler = new NegativeSampler(graph, { distribution, rng })
          const able = [...Array(given.users).keys()].filter((user) => sampler.hasNegative(user))
          fc.pre(able.length > 0)
          const users = Int32Array.from({ length: size + 2 }, (_, n) => able[n % able.length])
          const draws = Int32Array.from(users, (_, n) => 3 * n + 1)
          const out = new Int32Array(size * each)
          sampler.fill(out, { users, draws, block: 5, size })
          const expected = Array.from(out, (_, place) => {
            const sample = Math.floor(place / each)
            return sampler.sampleAt(users[sample], 5, draws[sample] * each + (place % each))
          })
          expect([...out]).toEqual(expected)
        },
      ),
    )
  })

  it('reaches every admissible item of the sampling fixtures, and no other', () => {
    for (const name of ['sampling--constraints-full', 'sampling--constraints-isolated']) {
      const { graph: given, expected } = readFixture<{
        negatives: number[][]
        skippedNoNegative: number[]
      }>(name)
      const graph = graphOf({ ...given, pairs: given.edges })
      const sampler = new NegativeSampler(graph, { rng: Rng.fromSeed(3) })
      for (let user = 0; user < given.users; user++) {
        expect(sampler.hasNegative(user)).toBe(!expected.skippedNoNegative.includes(user))
        if (!sampler.hasNegative(user)) continue
        const drawn = new Set(Array.from({ length: 400 }, (_, n) => sampler.sampleAt(user, 1, n)))
        expect([...drawn].sort((a, b) => a - b)).toEqual(expected.negatives[user])
      }
    }
  })

  /** 8 items with 0..7 users; user 7 has the items 2, 5 and 7, user 8 has none. */
  const skewed: GraphCase = {
    users: 9,
    items: 8,
    pairs: [
      ...[1, 2, 3, 4, 5, 6, 7].flatMap((item) =>
        Array.from(
          { length: [2, 5, 7].includes(item) ? item - 1 : item },
          (_, user): Pair => [user, item],
        ),
      ),
      [7, 2],
      [7, 5],
      [7, 7],
    ],
  }

  it.each(distributions.slice(0, 4))('draws in the proportions of %j', (distribution) => {
    const graph = graphOf(skewed)
    expect([...graph.itemDegrees]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (const user of [3, 7, 8]) expectProportions(graph, user, distribution, 20000)
  })

  it('draws exactly where a user has met nearly all of the popularity', () => {
    const pairs: Pair[] = [
      ...Array.from({ length: 2000 }, (_, user): Pair => [user, 1]),
      [0, 0],
      [1, 2],
      [2, 2],
      [3, 2],
    ]
    const graph = graphOf({ users: 2000, items: 4, pairs })
    // User 5 has met only item 1; what is left are one user's item 0 and three users' item 2.
    expectProportions(graph, 5, { popularityExponent: 1 }, 20000)
  })

  it('is uniform at exponent 0, also for items without users', () => {
    const graph = graphOf({
      users: 2,
      items: 5,
      pairs: [
        [0, 1],
        [1, 1],
      ],
    })
    expectProportions(graph, 0, { popularityExponent: 0 }, 10000)
  })

  it('has no negative where only items without users are left', () => {
    const graph = graphOf({ users: 1, items: 3, pairs: [[0, 1]] })
    const rng = Rng.fromSeed(1)
    const popular = new NegativeSampler(graph, { distribution: { popularityExponent: 1 }, rng })
    expect(popular.hasNegative(0)).toBe(false)
    expect(new NegativeSampler(graph, { rng }).hasNegative(0)).toBe(true)
  })

  it('gives the same item at the same address in any order, and does not move the stream', () => {
    const graph = graphOf(skewed)
    for (const distribution of distributions) {
      const rng = Rng.fromSeed(4)
      const sampler = new NegativeSampler(graph, { distribution, rng })
      const forwards = Array.from({ length: 30 }, (_, n) => sampler.sampleAt(8, 2, n))
      const backwards = Array.from({ length: 30 }, (_, n) => sampler.sampleAt(8, 2, 29 - n))
      expect(backwards.reverse()).toEqual(forwards)
      expect(rng.state().position).toBe(0)
    }
  })

  it('rejects options that are wrong or misspelt', () => {
    const graph = graphOf(skewed)
    const rng = Rng.fromSeed(1)
    const bad: [unknown, RegExp][] = [
      [{ rng, distribution: 'popular' }, /expected 'uniform' or \{ popularityExponent/],
      [{ rng, distribution: { popularityExponent: -1 } }, /distribution/],
      [{ rng, distribution: { popularityExponent: Number.NaN } }, /distribution/],
      [{ rng, distribution: { exponent: 1 } }, /distribution/],
      [{ rng, distributions: 'uniform' }, /did you mean 'distribution'/],
      [{ distribution: 'uniform' }, /rng: got undefined; expected an Rng/],
      [{ rng: 7 }, /rng: got 7; expected an Rng/],
    ]
    for (const [options, message] of bad) {
      const make = () => new NegativeSampler(graph, options as never)
      expect(make).toThrow(InvalidOptionsError)
      expect(make).toThrow(message)
    }
  })
})
