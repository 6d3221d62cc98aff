import { readFileSync } from 'node:fs'
import { fromRecords } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import {
  describeTable,
  dropDuplicates,
  filterMinInteractions,
  filterRating,
  leaveLastOut,
  temporalSplit,
} from '../src/index.js'
import { cutPoints } from '../src/splits/split-ratios.js'
import { numbers } from './support/index.js'

interface Parts {
  train: number[]
  valid: number[]
  test: number[]
}

interface Fixture {
  rows: [string | number, string | number, number, number][]
  expected: {
    dedup: number[]
    globalTemporal: Parts & { coldUsers: (string | number)[]; coldItems: (string | number)[] }
    perUserTemporal: Parts
    leaveLastTwo: Parts
    filters: {
      minUser: number
      minItem: number
      kCore: number[]
      kCoreUsers: (string | number)[]
      kCoreItems: (string | number)[]
      onePass: number[]
    }[]
    userIds: (string | number)[]
    itemIds: (string | number)[]
    stats: { interactions: number; users: number; items: number; sparsity: number }
    ratingAtLeast?: { threshold: number; rows: number[] }
  }
  cutTable: { n: number; exact: [number, number] }[]
}

describe.each(['table-numeric', 'table-strings', 'chain-collapses'])('fixture %s', (name) => {
  const path = new URL(`fixtures/${name}.json`, import.meta.url)
  const { rows, expected, cutTable } = JSON.parse(readFileSync(path, 'utf8')) as Fixture
  // The ratings are row numbers, so that the rows of every result are known.
  const all = fromRecords(
    rows.map(([user, item, , timestamp], row) => ({ user, item, rating: row, timestamp })),
  )
  const table = dropDuplicates(all)
  const partsOf = (split: ReturnType<typeof temporalSplit>): Parts => ({
    train: numbers(split.train),
    valid: numbers(split.validation),
    test: numbers(split.test),
  })

  it('keeps the first row of duplicates', () => {
    expect(numbers(table)).toEqual(expected.dedup)
  })

  it('orders ids', () => {
    expect(table.users.ids).toEqual(expected.userIds)
    expect(table.items.ids).toEqual(expected.itemIds)
  })

  it('describes the table', () => {
    expect(describeTable(table)).toMatchObject(expected.stats)
  })

  it('splits each user by time', () => {
    expect(partsOf(temporalSplit(table))).toEqual(expected.perUserTemporal)
  })

  it('splits all rows by time', () => {
    const split = temporalSplit(table, { scope: 'global' })
    const { coldUsers, coldItems, train, valid, test } = expected.globalTemporal
    expect(partsOf(split)).toEqual({ train, valid, test })
    const cold = (column: 'userIndex' | 'itemIndex') => {
      const known = new Set(split.train[column])
      return [...new Set(split.test[column])].filter((index) => !known.has(index)).sort(ascending)
    }
    expect(cold('userIndex').map((index) => table.users.idOf(index))).toEqual(coldUsers)
    expect(cold('itemIndex').map((index) => table.items.idOf(index))).toEqual(coldItems)
  })

  it('holds out the last two rows', () => {
    expect(partsOf(leaveLastOut(table))).toEqual(expected.leaveLastTwo)
  })

  it.each(expected.filters)('filters to at least $minUser and $minItem', (filter) => {
    const minimum = { minPerUser: filter.minUser, minPerItem: filter.minItem }
    const core = () => filterMinInteractions(table, minimum)
    const onePass = () => filterMinInteractions(table, { ...minimum, iterate: false })
    if (filter.kCore.length === 0) {
      expect(core).toThrow('No interactions are left')
    } else {
      expect(numbers(core())).toEqual(filter.kCore)
      expect(core().users.ids).toEqual(filter.kCoreUsers)
      expect(core().items.ids).toEqual(filter.kCoreItems)
    }
    if (filter.onePass.length === 0) expect(onePass).toThrow('No interactions are left')
    else expect(numbers(onePass())).toEqual(filter.onePass)
  })

  it.each([expected.ratingAtLeast ?? []].flat())(
    'keeps ratings of at least $threshold',
    ({ threshold, rows: kept }) => {
      const rated = fromRecords(
        rows.map(([user, item, rating], row) => ({ user, item, rating, timestamp: row })),
      )
      const filtered = filterRating(dropDuplicates(rated), { atLeast: threshold })
      expect(Array.from(filtered.timestamp ?? [])).toEqual(kept)
    },
  )

  it.each(cutTable)('cuts $n rows at $exact', ({ n, exact }) => {
    expect(cutPoints(n, [0.7, 0.1, 0.2])).toEqual(exact)
  })
})

function ascending(a: number, b: number): number {
  return a - b
}
