import { Rng } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PairSampler } from '../../src/svd-gcn/pair-sampler.js'
import { type EdgeList, graphOf, randomGraph } from '../support/graphs.js'

const patternOf = (list: EdgeList) => graphOf(list).biadjacency({ normalization: 'none' })

/** Users that share an item with each user, by comparing every two of them. */
function sharing({ users, edges }: EdgeList): Set<number>[] {
  const items = Array.from({ length: users }, () => new Set<number>())
  for (const [user, item] of edges) items[user]?.add(item)
  return items.map(
    (own) =>
      new Set(
        items.flatMap((others, user) => ([...others].some((item) => own.has(item)) ? [user] : [])),
      ),
  )
}

describe('pairs', () => {
  it('are of rows that share a column, and of rows that do not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (users, degree, seed) => {
          const list = randomGraph({ users, items: 9, degree }, seed)
          const near = sharing(list)
          const sampler = new PairSampler(patternOf(list))
          const batch = Int32Array.from({ length: 3 * users }, (_, place) => place % users)
          const { places, positives, negatives } = sampler.draw(batch, Rng.fromSeed(seed))
          const kept = [...batch.keys()].filter(
            (place) => near[batch[place] as number]?.size !== users,
          )
          expect([...places]).toEqual(kept)
          expect([positives.length, negatives.length]).toEqual([kept.length, kept.length])
          for (const [at, place] of places.entries()) {
            const others = near[batch[place] as number]
            expect(others?.has(positives[at] as number)).toBe(true)
            expect(others?.has(negatives[at] as number)).toBe(false)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('are uniform over both kinds, however often rows meet', () => {
    // User 0 shares three items with 1, one with 2 and 3, and none with 4, 5 and 6; item 0 is popular.
    const list: EdgeList = {
      users: 7,
      items: 6,
      edges: [
        ...([0, 1, 2, 3].map((item) => [0, item]) as [number, number][]),
        ...([0, 1, 2].map((item) => [1, item]) as [number, number][]),
        [2, 0],
        [3, 3],
        [4, 4],
        [5, 4],
        [5, 5],
        [6, 5],
      ],
    }
    const sampler = new PairSampler(patternOf(list))
    const draws = 40_000
    const { positives, negatives } = sampler.draw(new Int32Array(draws), Rng.fromSeed('uniform'))
    for (const [drawn, expected] of [
      [positives, [0, 1, 2, 3]],
      [negatives, [4, 5, 6]],
    ] as const) {
      const counts = expected.map((row) => drawn.filter((other) => other === row).length)
      expect(counts.reduce((a, b) => a + b)).toBe(draws)
      const mean = draws / expected.length
      const chiSquared = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
      // The 99.99 % quantiles of 3 and 2 degrees of freedom are 21.1 and 18.4.
      expect(chiSquared).toBeLessThan(18)
    }
  })

  it('find the only stranger among thousands, and leave out who has none', () => {
    const users = 3000
    const edges: [number, number][] = Array.from({ length: users }, (_, user) => [user, 0])
    // Everybody has item 0 but the last; user 0 has everything.
    edges[users - 1] = [users - 1, 1]
    edges.push([0, 1])
    const sampler = new PairSampler(patternOf({ users, items: 2, edges }))
    for (let round = 0; round < 2; round++) {
      const drawn = sampler.draw(Int32Array.of(0, 5, 0, 6), Rng.fromSeed(round))
      expect([...drawn.places]).toEqual([1, 3])
      expect([...drawn.negatives]).toEqual([users - 1, users - 1])
    }
  })

  it('are none for a row without an entry, wherever it is', () => {
    const edges: [number, number][] = [
      [1, 0],
      [1, 1],
      [3, 1],
      [4, 2],
    ]
    const sampler = new PairSampler(patternOf({ users: 6, items: 3, edges }))
    const { places, positives, negatives } = sampler.draw(
      Int32Array.of(0, 1, 2, 3, 4, 5),
      Rng.fromSeed(1),
    )
    expect([...places]).toEqual([1, 3, 4])
    expect([1, 3]).toContain(positives[0])
    expect(positives[2]).toBe(4)
    expect([positives.length, negatives.length]).toEqual([3, 3])
  })

  it('are drawn with a bounded number of draws where rows share everything', () => {
    // Of 2,000 · 3 ways from a row to another, three are over the first column that both have.
    const columns = 2000
    const edges = Array.from(
      { length: 3 * columns },
      (_, edge) => [edge % 3, Math.floor(edge / 3)] as [number, number],
    )
    edges.push([3, columns])
    const sampler = new PairSampler(patternOf({ users: 4, items: columns + 1, edges }))
    const rng = Rng.fromSeed('bounded')
    const samples = 300
    const { positives, negatives } = sampler.draw(new Int32Array(samples), rng)
    const counts = [0, 1, 2, 3].map((row) => positives.filter((other) => other === row).length)
    expect(counts[3]).toBe(0)
    for (const count of counts.slice(0, 3)) expect(count).toBeGreaterThan(samples / 5)
    expect([...new Set(negatives)]).toEqual([3])
    // 1,000 draws for the positive, one to choose from all rows, and a few for the negative.
    expect(rng.state().position).toBeLessThan(1100 * samples)
  })

  it('are the same for a stream, whatever was drawn before', () => {
    const list = randomGraph({ users: 40, items: 30, degree: 3 })
    const batch = Int32Array.from({ length: 40 }, (_, user) => user)
    const [sampler, other] = [new PairSampler(patternOf(list)), new PairSampler(patternOf(list))]
    other.draw(batch, Rng.fromSeed('before'))
    expect(other.draw(batch, Rng.fromSeed(1))).toEqual(sampler.draw(batch, Rng.fromSeed(1)))
    expect(other.draw(batch, Rng.fromSeed(2))).not.toEqual(sampler.draw(batch, Rng.fromSeed(1)))
  })
})
