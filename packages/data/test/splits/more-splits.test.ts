import { fromRecords, type InteractionTable, rowCount, type Split } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dropDuplicates,
  filterMinInteractions,
  filterOnePass,
  givenSplit,
  holdOutItems,
  holdOutUsers,
  kFold,
  leaveLastOut,
  leaveOneOut,
  lintSplit,
  rollingWindows,
  temporalSplit,
} from '../../src/index.js'
import { numberedTable, numbers, rowsOf } from '../support/index.js'

const PARTS = ['train', 'validation', 'test'] as const

/** The row numbers of a numbered table's parts. */
const parts = (split: Split) => PARTS.map((part) => numbers(split[part]))

/** Any small table: distinct pairs, users with one row and more, equal times. */
const tables = fc
  .uniqueArray(fc.tuple(fc.nat(7), fc.nat(9)), {
    minLength: 1,
    maxLength: 50,
    selector: ([user, item]) => `${user} ${item}`,
  })
  .chain((pairs) =>
    fc
      .array(fc.nat(20), { minLength: pairs.length, maxLength: pairs.length })
      .map((times) =>
        numberedTable(pairs.map(([user, item], row) => [user, item, times[row]] as const)),
      ),
  )

const users = (table: InteractionTable) => new Set(table.userIndex)
const large = numberedTable(
  Array.from({ length: 400 }, (_, row) => [row % 20, (row * 7) % 41, row] as const),
)
const timeless = fromRecords([{ user: 1, item: 1 }])

describe('kFold', () => {
  it.each([
    ['user', true],
    ['user', false],
    ['global', true],
    ['global', false],
  ] as const)('tests on every row once, in folds of one size (%s, %s)', (scope, validation) => {
    const folds = kFold(large, { folds: 4, scope, validation, seed: 2 })
    const tested = folds.flatMap(({ test }) => numbers(test)).sort((a, b) => a - b)
    expect(tested).toEqual(Array.from(tested.keys()))
    for (const [fold, split] of folds.entries()) {
      expect(parts(split).map((rows) => rows.length)).toEqual(
        validation ? [200, 100, 100] : [300, 0, 100],
      )
      expect(split.method).toMatchObject({ name: 'k-fold', settings: { fold, folds: 4 } })
      if (validation) expect(numbers(split.validation)).toEqual(numbers(folds[(fold + 1) % 4].test))
    }
  })

  it('keeps every row in one part, and a row of every user in training', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 3, max: 6 }), (table, count) => {
        for (const split of kFold(table, { folds: count })) {
          const all = parts(split).flat()
          expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
          expect(users(split.train).size).toBe(table.users.size)
        }
      }),
    )
  })

  it('depends on the seed alone', () => {
    const hashes = (seed?: number) =>
      kFold(large, seed === undefined ? {} : { seed }).map(({ hash }) => hash)
    expect(hashes()).toEqual(hashes(0))
    expect(new Set([...hashes(0), ...hashes(1)]).size).toBe(10)
  })

  it.each([
    [{ folds: 1 }, 'folds: got 1'],
    [{ folds: 2 }, 'folds: got 2; expected 3 or more, or validation: false'],
    [{ fold: 2 }, "did you mean 'folds'"],
  ])('rejects %j', (options, message) => {
    expect(() => kFold(large, options as object)).toThrow(message)
  })
})

describe('holdOutUsers', () => {
  it('has each user in one part', () => {
    fc.assert(
      fc.property(
        tables,
        fc.constantFrom('random', 'first-seen'),
        fc.nat(),
        (table, order, seed) => {
          const split = holdOutUsers(table, {
            order: order as 'random',
            seed,
            ratios: [0.5, 0.2, 0.3],
          })
          const owners = [split.train, split.validation, split.test].map(users)
          expect(owners.reduce((sum, { size }) => sum + size, 0)).toBe(table.users.size)
          expect(new Set(owners.flatMap((set) => [...set])).size).toBe(table.users.size)
          const { validation, test } = split.history
          const all = [...parts(split).flat(), ...numbers(validation), ...numbers(test)]
          expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
          for (const user of users(validation)) expect(owners[1]).toContain(user)
          for (const user of users(test)) expect(owners[2]).toContain(user)
        },
      ),
    )
  })

  it('shows the earliest rows of a held-out user, and has the rest predicted', () => {
    const split = holdOutUsers(large, { history: 0.75 })
    for (const user of users(split.test)) {
      const times = (table: InteractionTable) =>
        Array.from(table.timestamp!).filter((_, row) => table.userIndex[row] === user)
      expect(times(split.history.test)).toHaveLength(15)
      expect(times(split.test)).toHaveLength(5)
      expect(Math.max(...times(split.history.test))).toBeLessThan(Math.min(...times(split.test)))
    }
    expect(rowCount(holdOutUsers(large, { history: 0 }).history.test)).toBe(0)
  })

  it('holds out those who came last', () => {
    const table = numberedTable([
      [7, 1, 5],
      [3, 1, 9],
      [5, 1, 1],
      [3, 2, 2],
    ])
    const split = holdOutUsers(table, { order: 'first-seen', ratios: [0.4, 0.3, 0.3], history: 0 })
    expect(parts(split)).toEqual([[2], [1, 3], [0]])
  })

  it('is silent in lintSplit, whose test users are meant to be new', () => {
    expect(lintSplit(holdOutUsers(large)).filter(({ code }) => code === 'LEAK004')).toEqual([])
  })

  it('works without timestamps, but for the order by them', () => {
    const table = fromRecords(rowsOf(large).map(([user, item]) => ({ user, item })))
    expect(holdOutUsers(table, { seed: 1 }).hash).toBe(holdOutUsers(table, { seed: 1 }).hash)
    expect(() => holdOutUsers(table, { order: 'first-seen' })).toThrow(
      "holdOutUsers got a table without timestamps for order: 'first-seen'",
    )
  })

  it('rejects a history of all', () => {
    expect(() => holdOutUsers(large, { history: 1 })).toThrow('history: got 1')
  })
})

describe('holdOutItems', () => {
  it('has each item in one part, with all its rows', () => {
    fc.assert(
      fc.property(tables, fc.nat(), (table, seed) => {
        const split = holdOutItems(table, { seed, ratios: [0.6, 0.2, 0.2] })
        const all = parts(split).flat()
        expect(all.sort((a, b) => a - b)).toEqual(Array.from(all.keys()))
        const owners = PARTS.map((part) => new Set(split[part].itemIndex))
        expect(owners.reduce((sum, { size }) => sum + size, 0)).toBe(table.items.size)
      }),
      { numRuns: 50 },
    )
  })

  it('holds out those that came last', () => {
    const split = holdOutItems(large, { order: 'first-seen' })
    const first = (item: number) =>
      Math.min(...Array.from(large.timestamp!).filter((_, row) => large.itemIndex[row] === item))
    const latest = Math.max(...Array.from(new Set(split.train.itemIndex), first))
    for (const item of new Set(split.test.itemIndex)) expect(first(item)).toBeGreaterThan(latest)
    expect(lintSplit(split).map(({ code }) => code)).not.toContain('LEAK005')
  })
})

describe('rollingWindows', () => {
  const table = numberedTable(Array.from({ length: 10 }, (_, row) => [row % 2, row, row] as const))

  it('moves on by the length of the test part', () => {
    const found = rollingWindows(table, { windows: 3, testFor: 2, validationFor: 1 })
    expect(found.map(parts)).toEqual([
      [[0, 1], [2], [3, 4]],
      [[0, 1, 2, 3], [4], [5, 6]],
      [[0, 1, 2, 3, 4, 5], [6], [7, 8, 9]],
    ])
    expect(found[1].method).toMatchObject({
      name: 'rolling-window',
      settings: { window: 1, validationFrom: 4, testFrom: 5, testTo: 7 },
    })
    expect(new Set(found.map(({ hash }) => hash)).size).toBe(3)
    for (const split of found) {
      expect(lintSplit(split).filter(({ code }) => code === 'LEAK003')).toEqual([])
    }
  })

  it('trains on a stretch only, and moves by a step of its own', () => {
    const found = rollingWindows(table, { windows: 2, testFor: 2, trainFor: 3, every: 1 })
    expect(found.map(parts)).toEqual([
      [[3, 4, 5], [], [6, 7]],
      [[4, 5, 6], [], [7, 8, 9]],
    ])
  })

  it('never tests on what comes before what it trains on', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 8 }), (source, testFor) => {
        let found: Split[] = []
        try {
          found = rollingWindows(source, { windows: 2, testFor, validationFor: 1 })
        } catch (error) {
          expect((error as Error).message).toMatch(/^Window [01] of 2 has no row for/)
        }
        for (const { train, validation, test } of found) {
          const [a, b, c] = [train, validation, test].map(({ timestamp }) => Array.from(timestamp!))
          expect(Math.max(...a)).toBeLessThan(Math.min(...b, ...c))
          expect(Math.max(...a, ...b)).toBeLessThan(Math.min(...c))
        }
      }),
    )
  })

  it.each<[object, string]>([
    [{ windows: 9, testFor: 2 }, 'Window 0 of 9 has no row for training'],
    [{ windows: 0, testFor: 1 }, 'windows: got 0'],
    [{ windows: 1 }, 'testFor: got undefined'],
  ])('rejects %j', (options, message) => {
    expect(() => rollingWindows(table, options as never)).toThrow(message)
  })

  it('rejects a table without timestamps', () => {
    expect(() => rollingWindows(timeless, { windows: 1, testFor: 1 })).toThrow('without timestamps')
  })
})

describe('leaveOneOut', () => {
  it('cuts as leaveLastOut does', () => {
    fc.assert(
      fc.property(tables, fc.boolean(), (table, validation) => {
        const { split } = leaveOneOut(table, { validation, negatives: 1 })
        expect(parts(split)).toEqual(parts(leaveLastOut(table, { validation })))
      }),
    )
  })

  it.each(['uniform', 'popularity'] as const)(
    'gives each held-out item so many others that the user never met (%s)',
    (distribution) => {
      fc.assert(
        fc.property(tables, fc.integer({ min: 1, max: 12 }), (table, negatives) => {
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

  it('depends on the seed alone, in its split only where rows are drawn', () => {
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
    expect(parts(leaveOneOut(table, { select: 'random' }).split).length).toBe(3)
    expect(() => leaveOneOut(table)).toThrow('leaveOneOut got a table without timestamps')
  })
})

describe('temporalSplit at moments', () => {
  it('cuts all rows there', () => {
    const split = temporalSplit(large, { scope: 'global', at: [100, 250.5] })
    expect(parts(split).map((rows) => [rows[0], rows.at(-1)])).toEqual([
      [0, 99],
      [100, 250],
      [251, 399],
    ])
    expect(split.method).toEqual({
      name: 'temporal',
      settings: { scope: 'global', at: [100, 250.5] },
    })
    expect(lintSplit(split).filter(({ code }) => code === 'LEAK007')).toEqual([])
  })

  it.each<[object, string]>([
    [{ at: [1, 2] }, "expected scope: 'global' with it"],
    [{ at: [2, 1], scope: 'global' }, 'expected two ascending moments'],
    [{ at: [1, 2], scope: 'global', ratios: [0.7, 0.1, 0.2] }, 'not both'],
  ])('rejects %j', (options, message) => {
    expect(() => temporalSplit(large, options)).toThrow(message)
  })
})

describe('givenSplit', () => {
  const train = fromRecords([
    { user: 'b', item: 1, rating: 3 },
    { user: 'a', item: 2, rating: 4 },
  ])
  const test = fromRecords([{ user: 'c', item: 1, rating: 5 }])

  it('joins parts by their ids', () => {
    const split = givenSplit({ train, test })
    expect(split.train.users.ids).toEqual(['a', 'b', 'c'])
    expect(rowsOf(split.train)).toEqual(rowsOf(train))
    expect(rowsOf(split.test)).toEqual(rowsOf(test))
    expect([rowCount(split.validation), split.method.name]).toEqual([0, 'given'])
    expect(split.train.items).toBe(split.test.items)
  })

  it('drops ratings that not all parts have', () => {
    const split = givenSplit({ train, test: fromRecords([{ user: 'c', item: 1 }]) })
    expect(split.train).not.toHaveProperty('rating')
  })

  it('gives back what a split was made of', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const split = temporalSplit(table)
        const { train, validation, test } = split
        const joined = givenSplit({ train, validation, test })
        expect(joined.hash).toBe(split.hash)
      }),
    )
  })

  it('says so when ids are numbers in one part and strings in another', () => {
    const other = fromRecords([{ user: 'c', item: '01', rating: 1 }])
    expect(() => givenSplit({ train, test: other as never })).toThrow(
      'The items of test are strings ("01"), those of train are numbers (1), so that none would be the same. Read all parts with idType: \'string\'.',
    )
  })
})

describe('dropDuplicates', () => {
  const table = numberedTable([
    [1, 1, 5],
    [1, 1, 9],
    [1, 2, 1],
    [1, 1, 9],
    [1, 1, 5],
  ])

  it.each([
    ['first', [0, 2]],
    ['last', [2, 4]],
    ['earliest', [0, 2]],
    ['latest', [2, 3]],
  ] as const)('keeps the %s', (keep, rows) => {
    expect(numbers(dropDuplicates(table, { keep }))).toEqual(rows)
  })

  it('needs timestamps for what is earliest', () => {
    expect(() => dropDuplicates(timeless, { keep: 'latest' })).toThrow('without timestamps')
    expect(() => dropDuplicates(table, { keep: 'none' as 'last' })).toThrow('keep: got "none"')
  })
})

it('filterOnePass is one pass of filterMinInteractions', () => {
  const table = numberedTable([
    [0, 100, 0],
    [1, 101, 0],
    [2, 102, 0],
    [0, 101, 0],
    [1, 102, 0],
  ])
  const minimum = { minPerUser: 2, minPerItem: 2 }
  expect(numbers(filterOnePass(table, minimum))).toEqual([1, 3])
  const once = filterMinInteractions(table, { ...minimum, iterate: false })
  expect(rowsOf(once)).toEqual(rowsOf(filterOnePass(table, minimum)))
  expect(() => filterOnePass(table, { iterate: true } as object)).toThrow('iterate')
})
