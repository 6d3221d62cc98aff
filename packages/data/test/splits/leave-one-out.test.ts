import { fromRecords, rowCount } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leaveLastOut, leaveOneOut } from '../../src/index.js'
import { numberedTable, partsOf, rowsOf, smallTables } from '../support/index.js'

const large = numberedTable(
  Array.from({ length: 400 }, (_, row) => [row % 20, (row * 7) % 41, row] as const),
)

describe('leaveOneOut', () => {
  it('splits like leaveLastOut', () => {
    fc.assert(
      fc.property(smallTables, fc.boolean(), (table, validation) => {
        const { split } = leaveOneOut(table, { validation, negatives: 1 })
        expect(partsOf(split)).toEqual(partsOf(leaveLastOut(table, { validation })))
      }),
    )
  })

  it.each(['uniform', 'popularity'] as const)(
    'gives each held-out item so many others that the user never met (%s)',
    (distribution) => {
      fc.assert(
        fc.property(smallTables, fc.integer({ min: 1, max: 12 }), (table, negatives) => {
          const { split, candidates } = leaveOneOut(table, { negatives, distribution })
          for (const part of ['validation', 'test'] as const) {
            expect(candidates[part].size).toBe(rowCount(split[part]))
            for (const [user, item] of rowsOf(split[part])) {
              const [positive, ...others] = candidates[part].get(user) ?? []
              expect(positive).toBe(item)
              const met = new Set(rowsOf(table).flatMap(([u, i]) => (u === user ? [i] : [])))
              expect(others.filter((other) => met.has(other))).toEqual([])
              expect(new Set(others).size).toBe(others.length)
              const known = new Set(split.train.itemIndex)
              const drawable = table.items.ids.filter(
                (id, index) => !met.has(id) && (distribution === 'uniform' || known.has(index)),
              )
              expect(others.length).toBe(Math.min(negatives, drawable.length))
            }
          }
        }),
      )
    },
  )

  it('draws popular items more often on request', () => {
    const records = Array.from({ length: 300 }, (_, user) => [
      { user, item: `own ${user}`, timestamp: 0 },
      { user, item: user % 10 === 0 ? 'rare' : 'common', timestamp: 1 },
      { user, item: `last ${user}`, timestamp: 2 },
    ]).flat()
    const table = fromRecords([
      ...records,
      ...[0, 1, 2].map((timestamp) => ({ user: 999, item: `only ${timestamp}`, timestamp })),
    ])
    const drawn = (seed: number) =>
      leaveOneOut(table, {
        validation: false,
        negatives: 1,
        distribution: 'popularity',
        seed,
      }).candidates.test.get(999)?.[1]
    const counts = { common: 0, rare: 0 }
    for (let seed = 0; seed < 300; seed++) {
      const item = drawn(seed) as 'common' | 'rare'
      if (item in counts) counts[item]++
    }
    // 270 of 600 rows of training are common, 30 rare; four deviations of 300 draws.
    expect(Math.abs(counts.common - 135)).toBeLessThan(35)
    expect(Math.abs(counts.rare - 15)).toBeLessThan(16)
  })

  it('depends only on the seed, and its split only when rows are drawn', () => {
    const once = leaveOneOut(large, { seed: 1, negatives: 5 })
    expect(leaveOneOut(large, { seed: 1, negatives: 5 })).toEqual(once)
    const other = leaveOneOut(large, { seed: 2, negatives: 5 })
    expect(other.split.hash).toBe(once.split.hash)
    expect(other.candidates).not.toEqual(once.candidates)
    const random = (seed: number) => leaveOneOut(large, { select: 'random', seed }).split.hash
    expect(random(1)).toBe(random(1))
    expect(random(1)).not.toBe(random(2))
  })

  it('needs no timestamps for a random row', () => {
    const table = fromRecords([1, 2, 3].map((item) => ({ user: 1, item })))
    expect(partsOf(leaveOneOut(table, { select: 'random' }).split).length).toBe(3)
    expect(() => leaveOneOut(table)).toThrow('leaveOneOut got a table without timestamps')
  })
})
