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

  // Computed by hand with Python's hashlib; a change would make every saved model and report look foreign.
  it('stays the same from version to version', () => {
    expect(hash).toBe('620e11d661f736e2a72e7b3d5294dd3de011950c1d7fc50e4975422fa0f7a225')
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

  it('does not look at ratings', () => {
    const others = records.map((record) => ({ ...record, rating: 1 }))
    expect(splitRows(fromRecords(others), rows, method).hash).toBe(hash)
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
