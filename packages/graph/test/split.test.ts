import {
  createSplit,
  fromRecords,
  InvalidInteractionsError,
  selectRows,
  splitRows,
} from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'

const records = [
  { user: 'a', item: 1, rating: 5 },
  { user: 'a', item: 2, rating: 4 },
  { user: 'b', item: 1, rating: 3 },
  { user: 'b', item: 3, rating: 2 },
]
const table = fromRecords(records)
const rows = { train: [0, 2], validation: [1], test: [3] }
const method = { name: 'given' }

describe('splitRows', () => {
  it('cuts the table into parts that share its id maps', () => {
    const split = splitRows(table, rows, method)
    expect([...split.train.itemIndex]).toEqual([0, 0])
    expect([...split.validation.itemIndex]).toEqual([1])
    expect([...split.test.itemIndex]).toEqual([2])
    for (const part of [split.train, split.validation, split.test]) {
      expect(part.users).toBe(table.users)
      expect(part.items).toBe(table.items)
    }
    expect(split.method).toBe(method)
  })

  it('allows empty validation and test parts', () => {
    const split = splitRows(table, { train: [0], validation: [], test: [] }, method)
    expect(split.validation.userIndex).toHaveLength(0)
  })

  it('rejects an empty train part', () => {
    expect(() => splitRows(table, { train: [], validation: [1], test: [] }, method)).toThrow(
      /train part is empty/,
    )
  })
})

describe('the hash of a split', () => {
  const hash = splitRows(table, rows, method).hash

  it('is a SHA-256 that is the same for the same parts', () => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(splitRows(fromRecords(records), rows, { name: 'other' }).hash).toBe(hash)
  })

  // Computed with Python's hashlib and struct; a change would make every saved model and report look foreign.
  it.each([
    [[], '620e11d661f736e2a72e7b3d5294dd3de011950c1d7fc50e4975422fa0f7a225'],
    [['rating'], 'd196e9b8d29815641d3a5e4862dea7ca17dcc874ab94e69909d87c356e12ba5b'],
    [['timestamp'], 'fe42c5b1ce897c62288d3f109aac3ee9c570fba2f16120ad87ac20b793fde355'],
    [['rating', 'timestamp'], '11e48ecf2b0346dd45d4257c0594a3a4f0668c5d499c233118f27e28e9f3a226'],
  ] as const)('stays the same from version to version (with %j)', (columns, expected) => {
    const own = records.map(({ user, item, rating }, row) => ({
      user,
      item,
      ...((columns as readonly string[]).includes('rating') && { rating }),
      ...((columns as readonly string[]).includes('timestamp') && { timestamp: row + 1.5 }),
    }))
    expect(splitRows(fromRecords(own), rows, method).hash).toBe(expected)
  })

  it('changes when a pair moves to another part', () => {
    expect(splitRows(table, { ...rows, validation: [3], test: [1] }, method).hash).not.toBe(hash)
    expect(splitRows(table, { ...rows, train: [0, 2, 1], validation: [] }, method).hash).not.toBe(
      hash,
    )
  })

  it('changes when an id changes, its type included', () => {
    const renamed = records.map((record) => ({ ...record, user: record.user.toUpperCase() }))
    expect(splitRows(fromRecords(renamed), rows, method).hash).not.toBe(hash)
    const strings = records.map((record) => ({ ...record, item: String(record.item) }))
    expect(splitRows(fromRecords(strings), rows, method).hash).not.toBe(hash)
  })

  it('changes when a rating or a time changes, in any part, and when a column is left out', () => {
    const timed = records.map((record, row) => ({ ...record, timestamp: row }))
    const hashes = [timed, records].map((list) => splitRows(fromRecords(list), rows, method).hash)
    for (const row of timed.keys()) {
      for (const column of ['rating', 'timestamp'] as const) {
        const changed = timed.map((record, place) =>
          place === row ? { ...record, [column]: 77 } : record,
        )
        hashes.push(splitRows(fromRecords(changed), rows, method).hash)
      }
    }
    expect(new Set(hashes).size).toBe(10)
  })

  it('is that of 0 for -0', () => {
    const withZero = (rating: number) => [...records, { user: 'c', item: 1, rating }]
    const of = (rating: number) =>
      splitRows(fromRecords(withZero(rating)), { ...rows, train: [0, 2, 4] }, method).hash
    expect(of(-0)).toBe(of(0))
  })

  it('covers columns longer than one piece', () => {
    const many = Array.from({ length: 40_000 }, (_, row) => ({
      user: row % 7,
      item: row % 11,
      rating: 1,
    }))
    const all = { train: many.map((_, row) => row), validation: [], test: [] }
    const hashOf = (list: typeof many) => splitRows(fromRecords(list), all, method).hash
    const changed = many.map((record, row) => (row === 35_000 ? { ...record, rating: 2 } : record))
    expect(hashOf(changed)).not.toBe(hashOf(many))
    expect(hashOf([...many])).toBe(hashOf(many))
  })
})

describe('createSplit', () => {
  it('rejects parts with id maps of their own', () => {
    const parts = {
      train: selectRows(table, [0, 1]),
      validation: selectRows(table, [2]),
      test: selectRows(table, [3], { reindex: true }),
      method,
    }
    expect(() => createSplit(parts)).toThrow(InvalidInteractionsError)
    expect(() => createSplit(parts)).toThrow(/test part has id maps of its own/)
  })
})
