import { fromRecords, type InteractionTable } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeTable, dropDuplicates, filterMinInteractions, filterRating } from '../src/index.js'
import { numberedTable, numbers, rowsOf } from './support/index.js'

const pairs = fc.array(
  fc.record({ user: fc.integer({ min: 0, max: 6 }), item: fc.integer({ min: 10, max: 16 }) }),
  { minLength: 1, maxLength: 50 },
)

const numbered = (rows: { user: number; item: number }[]) =>
  numberedTable(rows.map(({ user, item }, row) => [user, item, row]))

const withoutRows = fromRecords([]) as InteractionTable

describe('filterMinInteractions', () => {
  it('finds the k-core of any table', () => {
    fc.assert(
      fc.property(
        pairs,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (rows, minPerUser, minPerItem) => {
          let core = rows.map((row, number) => ({ ...row, number }))
          for (let before = -1; before !== core.length; ) {
            before = core.length
            // The reference drops items first, because the result does not depend on the order.
            core = core.filter((a) => core.filter((b) => a.item === b.item).length >= minPerItem)
            core = core.filter((a) => core.filter((b) => a.user === b.user).length >= minPerUser)
          }
          const filter = () => filterMinInteractions(numbered(rows), { minPerUser, minPerItem })
          if (core.length === 0) {
            expect(filter).toThrow('No interactions are left')
          } else {
            expect(numbers(filter())).toEqual(core.map(({ number }) => number))
            expect(new Set(filter().users.ids)).toEqual(new Set(core.map(({ user }) => user)))
            expect(new Set(filter().items.ids)).toEqual(new Set(core.map(({ item }) => item)))
          }
        },
      ),
    )
  })

  it('keeps all rows by default', () => {
    const table = numberedTable([
      [1, 1, 0],
      [2, 1, 0],
    ])
    expect(rowsOf(filterMinInteractions(table, {}))).toEqual(rowsOf(table))
  })

  it('names the number of rows when none are left', () => {
    expect(() => filterMinInteractions(numberedTable([[1, 1, 0]]), { minPerUser: 2 })).toThrow(
      expect.objectContaining({
        code: 'INVALID_INTERACTIONS',
        message: expect.stringContaining('none of the 1 rows has a user with 2 rows'),
      }),
    )
  })

  it('rejects a table without rows', () => {
    expect(() => filterMinInteractions(withoutRows, {})).toThrow('without rows')
  })

  it.each([
    [{ minPerUser: 0 }, 'minPerUser: got 0'],
    [{ minPerItem: 1.5 }, 'minPerItem: got 1.5'],
    [{ minPerUsers: 3 }, "did you mean 'minPerUser'"],
  ])('rejects the options %j', (options, message) => {
    expect(() => filterMinInteractions(numberedTable([[1, 1, 0]]), options as object)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(message),
      }),
    )
  })
})

describe('dropDuplicates', () => {
  it('keeps the first row of every pair of any table', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const first = rows.flatMap(({ user, item }, row) =>
          rows.findIndex((other) => other.user === user && other.item === item) === row
            ? [row]
            : [],
        )
        expect(numbers(dropDuplicates(numbered(rows)))).toEqual(first)
      }),
    )
  })

  it('rejects a table without rows', () => {
    expect(() => dropDuplicates(withoutRows)).toThrow('without rows')
  })
})

describe('filterRating', () => {
  const rated = fromRecords([
    { user: 1, item: 1, rating: 3.3 },
    { user: 1, item: 2, rating: 3.2 },
    { user: 2, item: 3, rating: 5 },
  ])

  it('keeps ratings equal to the threshold, also those that single precision rounds', () => {
    const kept = filterRating(rated, { atLeast: 3.3 })
    expect(kept.items.ids).toEqual([1, 3])
    expect(kept.users.ids).toEqual([1, 2])
  })

  it('shrinks the id maps', () => {
    expect(filterRating(rated, { atLeast: 4 }).users.ids).toEqual([2])
  })

  it('rejects a table without ratings', () => {
    const table = fromRecords([{ user: 1, item: 1 }])
    expect(() => filterRating(table, { atLeast: 1 })).toThrow('without ratings')
  })

  it('names the highest rating when nothing is left', () => {
    expect(() => filterRating(rated, { atLeast: 6 })).toThrow('the highest rating is 5, below 6')
  })

  it('rejects a table without rows', () => {
    expect(() => filterRating(withoutRows, { atLeast: 1 })).toThrow('without rows')
  })

  it('rejects a threshold that is not a number', () => {
    expect(() => filterRating(rated, { atLeast: Number.NaN })).toThrow('atLeast: got NaN')
  })
})

describe('describeTable', () => {
  it('computes averages and the sparsity of distinct pairs', () => {
    const table = fromRecords([
      { user: 1, item: 1, rating: 2 },
      { user: 1, item: 1, rating: 3 },
      { user: 2, item: 2, rating: 4 },
    ])
    expect(describeTable(table)).toEqual({
      interactions: 3,
      users: 2,
      items: 2,
      sparsity: 0.5,
      interactionsPerUser: 1.5,
      interactionsPerItem: 1.5,
      averageRating: 3,
    })
  })

  it('gives no average rating without ratings', () => {
    const table = fromRecords([{ user: 1, item: 1 }])
    expect(describeTable(table)).not.toHaveProperty('averageRating')
  })

  it('rejects a table without rows', () => {
    expect(() => describeTable(withoutRows)).toThrow('without rows')
  })
})
